import type { Order, PageOf } from '../api/types';
import { Link, useRouter } from '../router/router';
import { useIsSignedIn, useShop } from '../shop';
import { formatDate, formatMoney, orderNumber } from '../ui/format';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { SignedOut } from '../account/signed-out';
import { useLoad } from '../ui/use-load';
import { orderText } from './order-text';

export function OrdersPage() {
  if (!useIsSignedIn()) return <SignedOut title="Your orders" />;
  return <Orders />;
}

function Orders() {
  const { session } = useShop();
  const { query } = useRouter();
  const cursor = query.get('cursor');
  const { value, error, isLoading, reload } = useLoad(cursor ?? '', (signal) =>
    session.ask<PageOf<Order>>(
      `/api/v1/orders?${new URLSearchParams({ limit: '20', ...(cursor ? { cursor } : {}) })}`,
      {
        signal,
      },
    ),
  );
  const next = value?.next && new URLSearchParams(value.next.slice(value.next.indexOf('?'))).get('cursor');
  return (
    <Page title="Your orders">
      {error !== undefined && <Failure error={error} what="The list of your orders" retry={reload} />}
      {value?.items.length === 0 && (
        <>
          <p>You have not ordered anything yet.</p>
          <Link to="catalog" className="button primary">
            Look around
          </Link>
        </>
      )}
      <ul className="rows" aria-busy={isLoading}>
        {value?.items.map((order) => {
          const { title, tone } = orderText(order);
          return (
            <li key={order.id}>
              <div>
                <h2>
                  <Link to="order" params={{ orderId: order.id }}>
                    Order {orderNumber(order.id)}
                  </Link>
                </h2>
                <p className="muted">
                  {formatDate(order.createdAt)} · {order.items.map(({ name }) => name).join(', ')}
                </p>
              </div>
              <span className={`tag ${tone}`}>{title}</span>
              <span className="price">{formatMoney(order.total)}</span>
            </li>
          );
        })}
      </ul>
      {(cursor ?? next) && (
        <nav aria-label="Pages" className="pages">
          {cursor && (
            <Link to="orders" className="button">
              Newest
            </Link>
          )}
          {next && (
            <Link to="orders" query={{ cursor: next }} className="button">
              Earlier orders
            </Link>
          )}
        </nav>
      )}
    </Page>
  );
}

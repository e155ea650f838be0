import type { Order, PageOf } from '../api/types';
import { Link, useRouter } from '../router/router';
import { useIsSignedIn, useShop } from '../shop';
import { orderNumber } from '../ui/format';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { SignedOut } from '../account/signed-out';
import { useLoad } from '../ui/use-load';
import { orderText } from './order-text';
import { useLanguage } from '../language/language-provider';

export function OrdersPage() {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.orders.title} />;
  return <Orders />;
}

function Orders() {
  const { t, format } = useLanguage();
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
    <Page title={t.orders.title}>
      {error !== undefined && <Failure error={error} what={t.parts.orders} retry={reload} />}
      {value?.items.length === 0 && (
        <>
          <p>{t.orders.none}</p>
          <Link to="catalog" className="button primary">
            {t.shop.lookAround}
          </Link>
        </>
      )}
      <ul className="rows" aria-busy={isLoading}>
        {value?.items.map((order) => {
          const { title, tone } = orderText(order, t);
          return (
            <li key={order.id}>
              <div>
                <h2>
                  <Link to="order" params={{ orderId: order.id }}>
                    {t.orders.order(orderNumber(order.id))}
                  </Link>
                </h2>
                <p className="muted">
                  {format.date(order.createdAt)} · {order.items.map(({ name }) => name).join(', ')}
                </p>
              </div>
              <span className={`tag ${tone}`}>{title}</span>
              <span className="price">{format.money(order.total)}</span>
            </li>
          );
        })}
      </ul>
      {(cursor ?? next) && (
        <nav aria-label={t.shop.pages} className="pages">
          {cursor && (
            <Link to="orders" className="button">
              {t.orders.newest}
            </Link>
          )}
          {next && (
            <Link to="orders" query={{ cursor: next }} className="button">
              {t.orders.earlier}
            </Link>
          )}
        </nav>
      )}
    </Page>
  );
}

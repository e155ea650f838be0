import { useEffect, useRef, useState } from 'react';
import { isProblem } from '../api/problems';
import type { Order, OrderDetails } from '../api/types';
import { Link } from '../router/router';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { formatDate, formatMoney, formatTime, orderNumber } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { isCancellable, orderText, progressOf } from './order-text';
import { useOrder } from './use-order';

/** An order's life as it happens. */
export function OrderPage({ orderId }: { readonly orderId: string }) {
  const { value, error, reload, isInterrupted } = useOrder(orderId);
  const announce = useAnnounce();
  const state = value?.state;
  const known = useRef(state);
  useEffect(() => {
    if (value && known.current !== undefined && known.current !== value.state) {
      const { title, about } = orderText(value);
      announce(`${title}. ${about}`);
    }
    known.current = value?.state;
  }, [value, announce]);
  return (
    <Page title={`Order ${orderNumber(orderId)}`}>
      {error !== undefined &&
        (isProblem(error, 'not-found', 'invalid-request') ? (
          <Notice tone="bad" title="There is no such order of yours.">
            <p>It may belong to another account.</p>
            <Link to="orders" className="button">
              See my orders
            </Link>
          </Notice>
        ) : (
          <Failure error={error} what="This order" retry={reload} />
        ))}
      {isInterrupted && (
        <p className="muted">
          Live updates are interrupted. The order goes on; it is looked up every few seconds.
        </p>
      )}
      {value && <Details order={value} onChange={reload} />}
    </Page>
  );
}

function Details({ order, onChange }: { readonly order: OrderDetails; readonly onChange: () => void }) {
  const { title, about, tone } = orderText(order);
  const progress = progressOf(order.state);
  return (
    <div className="columns">
      <div>
        <div className={`status ${tone}`}>
          <h2>{title}</h2>
          <p>{about}</p>
        </div>
        {progress && (
          <ol className="progress" aria-label="Progress">
            {progress.map(({ name, isReached }) => (
              <li key={name} className={isReached ? 'reached' : ''}>
                <span className="unseen">{isReached ? 'Done: ' : 'Not yet: '}</span>
                {name}
              </li>
            ))}
          </ol>
        )}
        <NextAction order={order} />
        {isCancellable(order) && <Cancel order={order} onChange={onChange} />}
        <h2>What happened</h2>
        <ol className="timeline">
          {order.timeline.map((step) => (
            <li key={step.sequence}>
              <time dateTime={step.at}>{formatTime(step.at, true)}</time>
              {orderText(step).title}
            </li>
          ))}
        </ol>
      </div>
      <section className="summary" aria-labelledby="summary-heading">
        <h2 id="summary-heading">What you ordered</h2>
        <ul className="plain">
          {order.items.map(({ productId, name, quantity, total }) => (
            <li key={productId}>
              <span>
                {quantity} × {name}
              </span>
              <span className="price">{formatMoney(total)}</span>
            </li>
          ))}
        </ul>
        <p className="sum">
          <span>Total</span>
          <span className="price">{formatMoney(order.total)}</span>
        </p>
        {order.refunded.amount > 0 && (
          <p className="sum">
            <span>Refunded</span>
            <span className="price">{formatMoney(order.refunded)}</span>
          </p>
        )}
        <p className="muted">Ordered {formatDate(order.createdAt)}</p>
      </section>
    </div>
  );
}

function NextAction({ order: { nextAction, expiresAt } }: { readonly order: Order }) {
  // The shop names the bank's page; anything but a page is not followed.
  if (!nextAction || !/^https?:/.test(nextAction.url)) return null;
  return (
    <Notice title="Your bank wants you to confirm the payment.">
      <p>
        Do it before {formatTime(expiresAt)}; until then your things are set aside. This page then goes on by
        itself.
      </p>
      <a href={nextAction.url} target="_blank" rel="noopener noreferrer" className="button primary">
        Confirm at the bank<span className="unseen"> (opens a new tab)</span>
      </a>
    </Notice>
  );
}

function Cancel({ order, onChange }: { readonly order: Order; readonly onChange: () => void }) {
  const { session } = useShop();
  const [isAsking, setIsAsking] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const cancel = async () => {
    setIsSending(true);
    setError(undefined);
    try {
      await session.send(`/api/v1/orders/${order.id}/cancel`, { method: 'POST' });
      setIsAsking(false);
    } catch (failure) {
      setError(failure);
    }
    setIsSending(false);
    onChange();
  };
  return (
    <>
      {error !== undefined && <Failure error={error} what="Cancelling" />}
      {isAsking ? (
        <div className="actions" role="group" aria-label="Cancel this order?">
          <button
            type="button"
            className="danger"
            disabled={isSending}
            autoFocus
            onClick={() => void cancel()}
          >
            {isSending ? 'Cancelling …' : 'Yes, cancel it'}
          </button>
          <button type="button" disabled={isSending} onClick={() => setIsAsking(false)}>
            Keep it
          </button>
        </div>
      ) : (
        <button type="button" onClick={() => setIsAsking(true)}>
          Cancel this order
        </button>
      )}
    </>
  );
}

import { useEffect, useRef, useState } from 'react';
import { linesOf } from '../account/address-fields';
import { isProblem } from '../api/problems';
import type { Order, OrderDetails } from '../api/types';
import { Link } from '../router/router';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { orderNumber } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { isCancellable, orderText, progressOf } from './order-text';
import { useOrder } from './use-order';
import { useLanguage } from '../language/language-provider';

/** An order's progress in real time. */
export function OrderPage({ orderId }: { readonly orderId: string }) {
  const { t } = useLanguage();
  const { value, error, reload, isInterrupted } = useOrder(orderId);
  const announce = useAnnounce();
  const state = value?.state;
  const known = useRef(state);
  useEffect(() => {
    if (value && known.current !== undefined && known.current !== value.state) {
      const { title, about } = orderText(value, t);
      announce(`${title}. ${about}`);
    }
    known.current = value?.state;
  }, [value, announce, t]);
  return (
    <Page title={t.orders.order(orderNumber(orderId))}>
      {error !== undefined &&
        (isProblem(error, 'not-found', 'invalid-request') ? (
          <Notice tone="bad" title={t.orders.noSuchOrder}>
            <p>{t.orders.noSuchOrderAbout}</p>
            <Link to="orders" className="button">
              {t.shop.seeMyOrders}
            </Link>
          </Notice>
        ) : (
          <Failure error={error} what={t.parts.order} retry={reload} />
        ))}
      {isInterrupted && <p className="muted">{t.orders.interrupted}</p>}
      {value && <Details order={value} onChange={reload} />}
    </Page>
  );
}

function Details({ order, onChange }: { readonly order: OrderDetails; readonly onChange: () => void }) {
  const { t, format } = useLanguage();
  const { title, about, tone } = orderText(order, t);
  const progress = progressOf(order.state, t);
  return (
    <div className="columns">
      <div>
        <div className={`status ${tone}`}>
          <h2>{title}</h2>
          <p>{about}</p>
        </div>
        {progress && (
          <ol className="progress" aria-label={t.orders.progress}>
            {progress.map(({ name, isReached }) => (
              <li key={name} className={isReached ? 'reached' : ''}>
                <span className="unseen">{isReached ? t.orders.done : t.orders.notYet}</span>
                {name}
              </li>
            ))}
          </ol>
        )}
        <NextAction order={order} />
        {isCancellable(order) && <Cancel order={order} onChange={onChange} />}
        <h2>{t.orders.whatHappened}</h2>
        <ol className="timeline">
          {order.timeline.map((step) => (
            <li key={step.sequence}>
              <time dateTime={step.at}>{format.timeWithSeconds(step.at)}</time>
              {orderText(step, t).title}
            </li>
          ))}
        </ol>
      </div>
      <section className="summary" aria-labelledby="summary-heading">
        <h2 id="summary-heading">{t.orders.whatYouOrdered}</h2>
        <ul className="plain">
          {order.items.map(({ productId, name, quantity, total }) => (
            <li key={productId}>
              <span>
                {quantity} × {name}
              </span>
              <span className="price">{format.money(total)}</span>
            </li>
          ))}
        </ul>
        <p className="sum">
          <span>{t.shop.total}</span>
          <span className="price">{format.money(order.total)}</span>
        </p>
        {order.refunded.amount > 0 && (
          <p className="sum">
            <span>{t.orders.refunded}</span>
            <span className="price">{format.money(order.refunded)}</span>
          </p>
        )}
        {order.shippingAddress && (
          <>
            <h3>{t.orders.shipTo}</h3>
            <address translate="no">
              {[order.shippingAddress.recipient, ...linesOf(order.shippingAddress)].map((line) => (
                <span key={line}>{line}</span>
              ))}
            </address>
          </>
        )}
        <p className="muted">{t.orders.ordered(format.date(order.createdAt))}</p>
      </section>
    </div>
  );
}

function NextAction({ order: { nextAction, expiresAt } }: { readonly order: Order }) {
  const { t, format } = useLanguage();
  // The shop returns the URL of the bank's page; any other scheme than http(s) is ignored.
  if (!nextAction || !/^https?:/.test(nextAction.url)) return null;
  return (
    <Notice title={t.orders.confirmTitle}>
      <p>{t.orders.confirmAbout(format.time(expiresAt))}</p>
      <a href={nextAction.url} target="_blank" rel="noopener noreferrer" className="button primary">
        {t.orders.confirm}
        <span className="unseen"> {t.orders.opensTab}</span>
      </a>
    </Notice>
  );
}

function Cancel({ order, onChange }: { readonly order: Order; readonly onChange: () => void }) {
  const { t } = useLanguage();
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
      {error !== undefined && <Failure error={error} what={t.parts.cancelling} />}
      {isAsking ? (
        <div className="actions" role="group" aria-label={t.orders.cancelQuestion}>
          <button
            type="button"
            className="danger"
            disabled={isSending}
            autoFocus
            onClick={() => void cancel()}
          >
            {isSending ? t.orders.cancelling : t.orders.cancelYes}
          </button>
          <button type="button" disabled={isSending} onClick={() => setIsAsking(false)}>
            {t.orders.keep}
          </button>
        </div>
      ) : (
        <button type="button" onClick={() => setIsAsking(true)}>
          {t.orders.cancel}
        </button>
      )}
    </>
  );
}

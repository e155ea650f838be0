import { useState } from 'react';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { formatDate, formatMoney, minorUnits, orderNumber } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AdminPage } from './admin-page';
import type { PaymentDetails } from './types';

/** A payment with its refunds and the calls to the provider. */
export function PaymentPage({ paymentId }: { readonly paymentId: string }) {
  const { session } = useShop();
  const path = `/api/v1/payments/${encodeURIComponent(paymentId)}`;
  const { value, error, reload, set } = useLoad(paymentId, (signal) =>
    session.ask<PaymentDetails>(path, { signal }),
  );
  const acknowledging = useSubmit(async () =>
    set(await session.ask<PaymentDetails>(`${path}/acknowledge`, { method: 'POST' })),
  );
  return (
    <AdminPage title="Payment">
      {error !== undefined && <Failure error={error} what="This payment" retry={reload} />}
      {acknowledging.error !== undefined && <Failure error={acknowledging.error} what="That" />}
      {value?.needsAttention && (
        <Notice title={`Somebody has to look: ${value.attention ?? 'no reason is known'}`}>
          <form onSubmit={acknowledging.onSubmit}>
            <button type="submit" disabled={acknowledging.isSending}>
              I have looked
            </button>
          </form>
        </Notice>
      )}
      {value && (
        <div className="columns">
          <div>
            <dl className="facts">
              {facts(value).map(([name, text]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
            <h2>Refunds</h2>
            {value.refunds.length === 0 && <p>None.</p>}
            <ul className="rows">
              {value.refunds.map(({ id, amount, status, reason, createdAt }) => (
                <li key={id}>
                  <div>
                    {formatDate(createdAt)}
                    {reason && ` · ${reason}`}
                  </div>
                  <span className="tag">{status}</span>
                  <span className="price">{formatMoney(amount)}</span>
                </li>
              ))}
            </ul>
            <h2>Calls to the provider</h2>
            <ol className="timeline">
              {value.attempts.map(({ operation, startedAt, outcome }) => (
                <li key={`${operation} ${startedAt}`}>
                  <time dateTime={startedAt}>{formatDate(startedAt)}</time>
                  {operation}: {outcome ?? 'running'}
                </li>
              ))}
            </ol>
          </div>
          <Refunding payment={value} path={path} onDone={reload} />
        </div>
      )}
    </AdminPage>
  );
}

const facts = ({ orderId, status, provider, amount, captured, refunded, reason }: PaymentDetails) =>
  [
    ['Order', orderNumber(orderId)],
    ['Status', reason ? `${status} (${reason})` : status],
    ['Provider', provider],
    ['Amount', formatMoney(amount)],
    ['Captured', formatMoney(captured)],
    ['Refunded', formatMoney(refunded)],
  ] as const;

interface RefundingProps {
  readonly payment: PaymentDetails;
  readonly path: string;
  readonly onDone: () => void;
}

function Refunding({ payment: { captured, refunded }, path, onDone }: RefundingProps) {
  const { session } = useShop();
  const announce = useAnnounce();
  // One key for one wish: whoever presses again after a lost response refunds once.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const left = { ...captured, amount: captured.amount - refunded.amount };
  const { isSending, error, onSubmit, problemOf } = useSubmit(async ({ amount = '', reason = '' }) => {
    await session.send(`${path}/refunds`, {
      method: 'POST',
      headers: { 'idempotency-key': key },
      body: {
        amount: { amount: minorUnits(amount, left.currency), currency: left.currency },
        ...(reason && { reason }),
      },
    });
    setKey(crypto.randomUUID());
    announce('The refund is on its way.');
    onDone();
  });
  if (left.amount <= 0) return null;
  return (
    <section className="summary" aria-labelledby="refund-heading">
      <h2 id="refund-heading">Give money back</h2>
      <p>Up to {formatMoney(left)}. The stock stays sold.</p>
      {error !== undefined && <Failure error={error} what="The refund" />}
      <form
        className="form"
        onSubmit={onSubmit}
        onChange={() => setKey(crypto.randomUUID())}
        aria-busy={isSending}
      >
        <TextField
          label={`Amount in ${left.currency}`}
          name="amount"
          inputMode="decimal"
          pattern="[0-9]+([.,][0-9]{1,3})?"
          required
          problem={problemOf('amount')}
        />
        <TextField label="Reason (optional)" name="reason" maxLength={200} problem={problemOf('reason')} />
        <button type="submit" className="danger" disabled={isSending}>
          {isSending ? 'Refunding …' : 'Refund'}
        </button>
      </form>
    </section>
  );
}

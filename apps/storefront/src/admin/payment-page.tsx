import { useState } from 'react';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { type Format, minorUnits, orderNumber } from '../ui/format';
import type { Texts } from '../language/en';
import { Failure, Notice } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AdminPage } from './admin-page';
import type { PaymentDetails } from './types';
import { useLanguage } from '../language/language-provider';

/** A payment with its refunds and the calls to the provider. */
export function PaymentPage({ paymentId }: { readonly paymentId: string }) {
  const { t, format } = useLanguage();
  const { session } = useShop();
  const path = `/api/v1/payments/${encodeURIComponent(paymentId)}`;
  const { value, error, reload, set } = useLoad(paymentId, (signal) =>
    session.ask<PaymentDetails>(path, { signal }),
  );
  const acknowledging = useSubmit(async () =>
    set(await session.ask<PaymentDetails>(`${path}/acknowledge`, { method: 'POST' })),
  );
  return (
    <AdminPage title={t.staff.payment}>
      {error !== undefined && <Failure error={error} what={t.parts.payment} retry={reload} />}
      {acknowledging.error !== undefined && (
        <Failure error={acknowledging.error} what={t.parts.acknowledging} />
      )}
      {value?.needsAttention && (
        <Notice title={t.staff.somebodyLooks(value.attention)}>
          <form onSubmit={acknowledging.onSubmit}>
            <button type="submit" disabled={acknowledging.isSending}>
              {t.staff.haveLooked}
            </button>
          </form>
        </Notice>
      )}
      {value && (
        <div className="columns">
          <div>
            <dl className="facts">
              {facts(value, t, format).map(([name, text]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd translate="no">{text}</dd>
                </div>
              ))}
            </dl>
            <h2>{t.staff.refunds}</h2>
            {value.refunds.length === 0 && <p>{t.staff.none}</p>}
            <ul className="rows">
              {value.refunds.map(({ id, amount, status, reason, createdAt }) => (
                <li key={id}>
                  <div>
                    {format.date(createdAt)}
                    {reason && <span translate="no"> · {reason}</span>}
                  </div>
                  <span className="tag" translate="no">
                    {status}
                  </span>
                  <span className="price">{format.money(amount)}</span>
                </li>
              ))}
            </ul>
            <h2>{t.staff.calls}</h2>
            <ol className="timeline">
              {value.attempts.map(({ operation, startedAt, outcome }) => (
                <li key={`${operation} ${startedAt}`}>
                  <time dateTime={startedAt}>{format.date(startedAt)}</time>
                  <span translate="no">{operation}</span>:{' '}
                  {outcome === null ? t.staff.running : <span translate="no">{outcome}</span>}
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

const facts = (
  { orderId, status, provider, amount, captured, refunded, reason }: PaymentDetails,
  { staff: { facts: names } }: Texts,
  format: Format,
) =>
  [
    [names.order, orderNumber(orderId)],
    [names.status, reason ? `${status} (${reason})` : status],
    [names.provider, provider],
    [names.amount, format.money(amount)],
    [names.captured, format.money(captured)],
    [names.refunded, format.money(refunded)],
  ] as const;

interface RefundingProps {
  readonly payment: PaymentDetails;
  readonly path: string;
  readonly onDone: () => void;
}

function Refunding({ payment: { captured, refunded }, path, onDone }: RefundingProps) {
  const { t, format } = useLanguage();
  const { session } = useShop();
  const announce = useAnnounce();
  // One key per intended refund: pressing again after a lost response refunds once.
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
    announce(t.staff.refundBegun);
    onDone();
  });
  if (left.amount <= 0) return null;
  return (
    <section className="summary" aria-labelledby="refund-heading">
      <h2 id="refund-heading">{t.staff.giveBack}</h2>
      <p>{t.staff.upTo(format.money(left))}</p>
      {error !== undefined && <Failure error={error} what={t.parts.refund} />}
      <form
        className="form"
        onSubmit={onSubmit}
        onChange={() => setKey(crypto.randomUUID())}
        aria-busy={isSending}
      >
        <TextField
          label={t.staff.amountIn(left.currency)}
          name="amount"
          inputMode="decimal"
          pattern="[0-9]+([.,][0-9]{1,3})?"
          required
          problem={problemOf('amount')}
        />
        <TextField
          label={t.staff.reasonOptional}
          name="reason"
          maxLength={200}
          problem={problemOf('reason')}
        />
        <button type="submit" className="danger" disabled={isSending}>
          {isSending ? t.staff.refunding : t.staff.refund}
        </button>
      </form>
    </section>
  );
}

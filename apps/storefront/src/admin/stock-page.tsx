import { useState } from 'react';
import { useRouter } from '../router/router';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { Failure } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AdminPage } from './admin-page';
import { FilterForm } from './filter-form';
import { StaffList } from './staff-list';
import type { Stock, StockLevel, StockMovement } from './types';
import { useLanguage } from '../language/language-provider';

export function StockPage() {
  const { t } = useLanguage();
  const { query } = useRouter();
  const sku = query.get('sku') ?? '';
  return (
    <AdminPage title={t.staff.pages.adminStock}>
      <FilterForm>
        <label>
          <span>{t.staff.sku}</span>
          <input name="sku" required maxLength={40} defaultValue={sku} key={sku} />
        </label>
      </FilterForm>
      {sku && <StockOf key={sku} sku={sku} />}
    </AdminPage>
  );
}

function StockOf({ sku }: { readonly sku: string }) {
  const { t, format } = useLanguage();
  const { ask, session } = useShop();
  const announce = useAnnounce();
  const path = `/api/v1/stock/${encodeURIComponent(sku)}`;
  const [key, setKey] = useState(() => crypto.randomUUID());
  const { value, error, reload } = useLoad(sku, (signal) => ask<StockLevel>(path, { signal }));
  const adjusting = useSubmit(async ({ delta = '', reason = '' }) => {
    const stock = await session.ask<Stock>(`${path}/adjustments`, {
      method: 'POST',
      headers: { 'idempotency-key': key },
      body: { delta: Number(delta), reason },
    });
    setKey(crypto.randomUUID());
    announce(t.staff.stockNow(format.count(stock.onHand), format.count(stock.reserved)));
    reload();
  });
  return (
    <div className="columns">
      <div>
        {error !== undefined && <Failure error={error} what={t.parts.stock} retry={reload} />}
        {value && (
          <p className="status">
            <strong>{format.count(value.available)}</strong> {t.staff.canBeBought(value.sku)}
          </p>
        )}
        <h2>{t.staff.movements}</h2>
        <StaffList<StockMovement>
          key={value?.available}
          path={`${path}/movements`}
          what={t.parts.movements}
          keyOf={({ movementId }) => movementId}
        >
          {({ delta, reason, at }) => (
            <>
              <div translate="no">{reason}</div>
              <time dateTime={at}>{format.date(at)}</time>
              <span className="price">{delta > 0 ? `+${delta}` : delta}</span>
            </>
          )}
        </StaffList>
      </div>
      <section className="summary" aria-labelledby="adjust-heading">
        <h2 id="adjust-heading">{t.staff.adjustTitle}</h2>
        {adjusting.error !== undefined && <Failure error={adjusting.error} what={t.parts.adjustment} />}
        <form
          className="form"
          onSubmit={adjusting.onSubmit}
          onChange={() => setKey(crypto.randomUUID())}
          aria-busy={adjusting.isSending}
        >
          <TextField
            label={t.staff.pieces}
            hint={t.staff.piecesHint}
            name="delta"
            pattern="-?[0-9]{1,10}"
            required
            problem={adjusting.problemOf('delta')}
          />
          <TextField
            label={t.staff.reason}
            name="reason"
            maxLength={200}
            required
            problem={adjusting.problemOf('reason')}
          />
          <button type="submit" className="primary" disabled={adjusting.isSending}>
            {adjusting.isSending ? t.shop.saving : t.staff.adjust}
          </button>
        </form>
      </section>
    </div>
  );
}

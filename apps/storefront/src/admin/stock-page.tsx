import { useState } from 'react';
import { useRouter } from '../router/router';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { formatCount, formatDate } from '../ui/format';
import { Failure } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AdminPage } from './admin-page';
import { FilterForm } from './filter-form';
import { StaffList } from './staff-list';
import type { Stock, StockLevel, StockMovement } from './types';

export function StockPage() {
  const { query } = useRouter();
  const sku = query.get('sku') ?? '';
  return (
    <AdminPage title="Stock">
      <FilterForm>
        <label>
          <span>SKU</span>
          <input name="sku" required maxLength={40} defaultValue={sku} key={sku} />
        </label>
      </FilterForm>
      {sku && <StockOf key={sku} sku={sku} />}
    </AdminPage>
  );
}

function StockOf({ sku }: { readonly sku: string }) {
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
    announce(`${formatCount(stock.onHand)} on hand, ${formatCount(stock.reserved)} reserved.`);
    reload();
  });
  return (
    <div className="columns">
      <div>
        {error !== undefined && <Failure error={error} what="The stock" retry={reload} />}
        {value && (
          <p className="status">
            <strong>{formatCount(value.available)}</strong> of {value.sku} can be bought now.
          </p>
        )}
        <h2>Movements</h2>
        <StaffList<StockMovement>
          key={value?.available}
          path={`${path}/movements`}
          what="The list of movements"
          keyOf={({ movementId }) => movementId}
        >
          {({ delta, reason, at }) => (
            <>
              <div>{reason}</div>
              <time dateTime={at}>{formatDate(at)}</time>
              <span className="price">{delta > 0 ? `+${delta}` : delta}</span>
            </>
          )}
        </StaffList>
      </div>
      <section className="summary" aria-labelledby="adjust-heading">
        <h2 id="adjust-heading">Add or take pieces</h2>
        {adjusting.error !== undefined && <Failure error={adjusting.error} what="The adjustment" />}
        <form
          className="form"
          onSubmit={adjusting.onSubmit}
          onChange={() => setKey(crypto.randomUUID())}
          aria-busy={adjusting.isSending}
        >
          <TextField
            label="Pieces"
            hint="Negative to take some out"
            name="delta"
            pattern="-?[0-9]{1,10}"
            required
            problem={adjusting.problemOf('delta')}
          />
          <TextField
            label="Reason"
            name="reason"
            maxLength={200}
            required
            problem={adjusting.problemOf('reason')}
          />
          <button type="submit" className="primary" disabled={adjusting.isSending}>
            {adjusting.isSending ? 'Saving …' : 'Adjust'}
          </button>
        </form>
      </section>
    </div>
  );
}

import { orderNumber } from '../ui/format';
import { Link } from '../router/router';
import { AdminPage } from './admin-page';
import { FilterForm, StateFilter } from './filter-form';
import { StaffList } from './staff-list';
import type { StaffOrder } from './types';
import { useLanguage } from '../language/language-provider';

const states: readonly StaffOrder['state'][] = [
  'placed',
  'reserved',
  'authorised',
  'committed',
  'confirmed',
  'cancelling',
  'cancelled',
  'rejected',
  'expired',
  'refunding',
  'refunded',
  'needs_attention',
];
const ended: ReadonlySet<string> = new Set(['rejected', 'expired', 'needs_attention']);

export function OrdersAdminPage() {
  const { t, format } = useLanguage();
  return (
    <AdminPage title={t.staff.allOrders}>
      <FilterForm>
        <StateFilter name="state" label={t.staff.state} states={states} />
      </FilterForm>
      <StaffList<StaffOrder>
        path="/api/v1/admin/orders"
        filters={['state', 'userId']}
        what={t.parts.allOrders}
        keyOf={({ id }) => id}
      >
        {({ id, createdAt, items, state, total, reason, attempt, dueAt, traceUrl }) => (
          <>
            <div>
              <h2>{t.orders.order(orderNumber(id))}</h2>
              <p className="muted">
                {format.date(createdAt)} ·{' '}
                <span translate="no">
                  {items.map(({ quantity, sku }) => `${quantity} × ${sku}`).join(', ')}
                  {reason && ` · ${reason}`}
                </span>
                {dueAt && ` · ${t.staff.goesOn(format.date(dueAt), attempt)}`}
              </p>
            </div>
            <span
              className={ended.has(state) ? 'tag bad' : state === 'confirmed' ? 'tag good' : 'tag'}
              translate="no"
            >
              {state}
            </span>
            <span className="price">{format.money(total)}</span>
            <Link to="adminPayments" query={{ orderId: id }}>
              {t.staff.payment}
              <span className="unseen"> {t.staff.ofOrder(orderNumber(id))}</span>
            </Link>
            {traceUrl && (
              <a href={traceUrl} target="_blank" rel="noopener noreferrer">
                {t.staff.trace}
                <span className="unseen">
                  {' '}
                  {t.staff.ofOrder(orderNumber(id))} {t.orders.opensTab}
                </span>
              </a>
            )}
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}

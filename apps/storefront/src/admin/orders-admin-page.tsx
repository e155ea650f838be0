import { formatDate, formatMoney, orderNumber } from '../ui/format';
import { Link } from '../router/router';
import { AdminPage } from './admin-page';
import { FilterForm, StateFilter } from './filter-form';
import { StaffList } from './staff-list';
import type { StaffOrder } from './types';

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
  return (
    <AdminPage title="All orders">
      <FilterForm>
        <StateFilter name="state" label="State" states={states} />
      </FilterForm>
      <StaffList<StaffOrder>
        path="/api/v1/admin/orders"
        filters={['state', 'userId']}
        what="The list of orders"
        keyOf={({ id }) => id}
      >
        {({ id, createdAt, items, state, total, reason, attempt, dueAt }) => (
          <>
            <div>
              <h2>Order {orderNumber(id)}</h2>
              <p className="muted">
                {formatDate(createdAt)} ·{' '}
                {items.map(({ quantity, sku }) => `${quantity} × ${sku}`).join(', ')}
                {reason && ` · ${reason}`}
                {dueAt && ` · goes on ${formatDate(dueAt)}, attempt ${attempt}`}
              </p>
            </div>
            <span className={ended.has(state) ? 'tag bad' : state === 'confirmed' ? 'tag good' : 'tag'}>
              {state}
            </span>
            <span className="price">{formatMoney(total)}</span>
            <Link to="adminPayments" query={{ orderId: id }}>
              Payment<span className="unseen"> of order {orderNumber(id)}</span>
            </Link>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}

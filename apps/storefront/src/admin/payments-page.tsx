import { Link } from '../router/router';
import { formatDate, formatMoney, orderNumber } from '../ui/format';
import { AdminPage } from './admin-page';
import { FilterForm, StateFilter } from './filter-form';
import { StaffList } from './staff-list';
import type { Payment } from './types';

const statuses: readonly Payment['status'][] = [
  'authorising',
  'requires_action',
  'unknown',
  'authorised',
  'declined',
  'capturing',
  'captured',
  'voiding',
  'voided',
  'refunding',
  'partially_refunded',
  'refunded',
  'failed',
];

export function PaymentsPage() {
  return (
    <AdminPage title="Payments">
      <FilterForm>
        <StateFilter name="status" label="Status" states={statuses} />
      </FilterForm>
      <StaffList<Payment>
        path="/api/v1/payments"
        filters={['status', 'orderId']}
        what="The list of payments"
        keyOf={({ id }) => id}
      >
        {({ id, orderId, createdAt, provider, reason, status, amount, needsAttention }) => (
          <>
            <div>
              <h2>
                <Link to="adminPayment" params={{ paymentId: id }}>
                  Payment of order {orderNumber(orderId)}
                </Link>
              </h2>
              <p className="muted">
                {formatDate(createdAt)} · {provider}
                {reason && ` · ${reason}`}
              </p>
            </div>
            {needsAttention && <span className="tag bad">needs attention</span>}
            <span className="tag">{status}</span>
            <span className="price">{formatMoney(amount)}</span>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}

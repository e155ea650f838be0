import { Link } from '../router/router';
import { orderNumber } from '../ui/format';
import { AdminPage } from './admin-page';
import { FilterForm, StateFilter } from './filter-form';
import { StaffList } from './staff-list';
import type { Payment } from './types';
import { useLanguage } from '../language/language-provider';

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
  const { t, format } = useLanguage();
  return (
    <AdminPage title={t.staff.pages.adminPayments}>
      <FilterForm>
        <StateFilter name="status" label={t.staff.status} states={statuses} />
      </FilterForm>
      <StaffList<Payment>
        path="/api/v1/payments"
        filters={['status', 'orderId']}
        what={t.parts.payments}
        keyOf={({ id }) => id}
      >
        {({ id, orderId, createdAt, provider, reason, status, amount, needsAttention }) => (
          <>
            <div>
              <h2>
                <Link to="adminPayment" params={{ paymentId: id }}>
                  {t.staff.paymentOfOrder(orderNumber(orderId))}
                </Link>
              </h2>
              <p className="muted">
                {format.date(createdAt)} ·{' '}
                <span translate="no">
                  {provider}
                  {reason && ` · ${reason}`}
                </span>
              </p>
            </div>
            {needsAttention && <span className="tag bad">{t.staff.needsAttention}</span>}
            <span className="tag" translate="no">
              {status}
            </span>
            <span className="price">{format.money(amount)}</span>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}

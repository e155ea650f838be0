import type { Match } from '../router/routes';
import { SignedOut } from '../account/signed-out';
import { WithLink } from '../language/with-link';
import { Link } from '../router/router';
import { useIsSignedIn } from '../shop';
import { AdminPage } from './admin-page';
import { AuditPage } from './audit-page';
import { CatalogAdminPage } from './catalog-admin-page';
import { OrdersAdminPage } from './orders-admin-page';
import { PaymentPage } from './payment-page';
import { PaymentsPage } from './payments-page';
import { ProductFormPage } from './product-form-page';
import { StockPage } from './stock-page';
import { UsersPage } from './users-page';
import { useLanguage } from '../language/language-provider';

/** The pages for staff. The API decides who is staff; for everybody else each page shows its refusal. */
export default function AdminPages({ match }: { readonly match: Match }) {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.staff.title} />;
  switch (match.name) {
    case 'adminCatalog':
      return <CatalogAdminPage />;
    case 'adminProduct':
      return <ProductFormPage key={match.params.slug} slug={match.params.slug} />;
    case 'adminStock':
      return <StockPage />;
    case 'adminOrders':
      return <OrdersAdminPage />;
    case 'adminPayments':
      return <PaymentsPage />;
    case 'adminPayment':
      return <PaymentPage key={match.params.paymentId} paymentId={match.params.paymentId} />;
    case 'adminUsers':
      return <UsersPage />;
    case 'adminAudit':
      return <AuditPage />;
    default:
      return (
        <AdminPage title={t.staff.title}>
          <p>
            <WithLink text={t.staff.waiting}>
              {(words) => (
                <Link to="adminOrders" query={{ state: 'needs_attention' }}>
                  {words}
                </Link>
              )}
            </WithLink>
          </p>
        </AdminPage>
      );
  }
}

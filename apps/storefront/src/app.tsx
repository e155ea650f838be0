import { lazy, Suspense } from 'react';
import { AccountPage } from './account/account-page';
import { AddressesPage } from './account/addresses-page';
import { OwnDataPage } from './account/own-data-page';
import { RegisterPage } from './account/register-page';
import { ResetPasswordPage } from './account/reset-password-page';
import { SessionsPage } from './account/sessions-page';
import { SignInPage } from './account/sign-in-page';
import { VerifyEmailPage } from './account/verify-email-page';
import { CartPage } from './cart/cart-page';
import { CatalogPage } from './catalog/catalog-page';
import { CheckoutPage } from './checkout/checkout-page';
import { MessagesPage } from './messages/messages-page';
import { OrderPage } from './orders/order-page';
import { OrdersPage } from './orders/orders-page';
import { ProductPage } from './product/product-page';
import { Link, useRouter } from './router/router';
import { Footer } from './ui/footer';
import { Header } from './ui/header';
import { Page } from './ui/page';
import { useLanguage } from './language/language-provider';

/** Loaded for staff only, to keep the initial bundle of buyers small. */
const AdminPages = lazy(() => import('./admin/admin-pages'));

export function App() {
  const { t } = useLanguage();
  return (
    <>
      <a className="skip" href="#main">
        {t.shop.skip}
      </a>
      <Header />
      <CurrentPage />
      <Footer />
    </>
  );
}

function CurrentPage() {
  const { t } = useLanguage();
  const { match } = useRouter();
  switch (match?.name) {
    case 'catalog':
      return <CatalogPage />;
    case 'product':
      return <ProductPage key={match.params.slug} slug={match.params.slug} />;
    case 'cart':
      return <CartPage />;
    case 'checkout':
      return <CheckoutPage />;
    case 'orders':
      return <OrdersPage />;
    case 'order':
      return <OrderPage key={match.params.orderId} orderId={match.params.orderId} />;
    case 'messages':
      return <MessagesPage />;
    case 'account':
      return <AccountPage />;
    case 'addresses':
      return <AddressesPage />;
    case 'sessions':
      return <SessionsPage />;
    case 'ownData':
      return <OwnDataPage />;
    case 'admin':
    case 'adminCatalog':
    case 'adminProduct':
    case 'adminStock':
    case 'adminOrders':
    case 'adminPayments':
    case 'adminPayment':
    case 'adminUsers':
    case 'adminAudit':
      return (
        <Suspense fallback={<main id="main" className="page" aria-busy="true" />}>
          <AdminPages match={match} />
        </Suspense>
      );
    case 'signIn':
      return <SignInPage />;
    case 'register':
      return <RegisterPage />;
    case 'verifyEmail':
      return <VerifyEmailPage />;
    case 'resetPassword':
      return <ResetPasswordPage />;
    case undefined:
      return (
        <Page title={t.shop.noPage} narrow>
          <p>{t.shop.noPageAbout}</p>
          <Link to="catalog" className="button primary">
            {t.shop.toCatalog}
          </Link>
        </Page>
      );
  }
}

import { useCartLines, useIsSignedIn } from '../shop';
import { countOf } from '../cart/cart';
import { SearchBox } from '../catalog/search-box';
import { LanguageSwitch } from '../language/language-switch';
import { Link, useRouter } from '../router/router';
import type { RouteName } from '../router/routes';
import { useUnreadMessages } from '../messages/use-unread-messages';
import { useLanguage } from '../language/language-provider';

export function Header() {
  const { t } = useLanguage();
  const isSignedIn = useIsSignedIn();
  const count = countOf(useCartLines());
  const unread = useUnreadMessages();
  return (
    <header className="header">
      <div className="header-inner">
        <Link to="catalog" className="brand">
          <span translate="no">Bulkhead</span>
        </Link>
        <SearchBox />
        <nav aria-label={t.shop.nav} className="header-nav">
          {isSignedIn ? (
            <>
              <NavLink to="orders">{t.shop.orders}</NavLink>
              <NavLink to="messages">
                {t.shop.messages}
                {unread > 0 && (
                  <span className="badge">
                    {unread}
                    <span className="unseen"> {t.shop.unread}</span>
                  </span>
                )}
              </NavLink>
              <NavLink to="account">{t.shop.account}</NavLink>
            </>
          ) : (
            <NavLink to="signIn">{t.shop.signIn}</NavLink>
          )}
          <NavLink to="cart">
            {t.shop.cart}
            {count > 0 && (
              <span className="badge">
                {count}
                <span className="unseen"> {t.shop.itemsInCart(count)}</span>
              </span>
            )}
          </NavLink>
          <LanguageSwitch />
        </nav>
      </div>
    </header>
  );
}

type PlainRoute = Exclude<RouteName, 'product' | 'order' | 'adminProduct' | 'adminPayment'>;

function NavLink({ to, children }: { readonly to: PlainRoute; readonly children: React.ReactNode }) {
  const { match } = useRouter();
  return (
    <Link to={to} aria-current={match?.name === to ? 'page' : undefined}>
      {children}
    </Link>
  );
}

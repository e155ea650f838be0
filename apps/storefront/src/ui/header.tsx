import { useCartLines, useIsSignedIn } from '../shop';
import { countOf } from '../cart/cart';
import { SearchBox } from '../catalog/search-box';
import { Link, useRouter } from '../router/router';
import type { RouteName } from '../router/routes';
import { useUnreadMessages } from '../messages/use-unread-messages';

export function Header() {
  const isSignedIn = useIsSignedIn();
  const count = countOf(useCartLines());
  const unread = useUnreadMessages();
  return (
    <header className="header">
      <div className="header-inner">
        <Link to="catalog" className="brand">
          Bulkhead
        </Link>
        <SearchBox />
        <nav aria-label="Your shop" className="header-nav">
          {isSignedIn ? (
            <>
              <NavLink to="orders">Orders</NavLink>
              <NavLink to="messages">
                Messages
                {unread > 0 && (
                  <span className="badge">
                    {unread}
                    <span className="unseen"> unread</span>
                  </span>
                )}
              </NavLink>
              <NavLink to="account">Account</NavLink>
            </>
          ) : (
            <NavLink to="signIn">Sign in</NavLink>
          )}
          <NavLink to="cart">
            Cart
            {count > 0 && (
              <span className="badge">
                {count}
                <span className="unseen"> {count === 1 ? 'item' : 'items'}</span>
              </span>
            )}
          </NavLink>
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

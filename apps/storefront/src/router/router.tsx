import {
  type AnchorHTMLAttributes,
  createContext,
  type MouseEvent,
  type ReactNode,
  use,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { hrefOf, type Match, matchRoute, type ParamsOf, type Query, type RouteName } from './routes';

export interface Location {
  readonly match: Match | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Without the number sign. Links in mails have single-use tokens there, which no server may see. */
  readonly fragment: string;
  /** Incremented by each navigation; 0 is the page that was loaded. */
  readonly visit: number;
}

export interface Router extends Location {
  /** Navigates to a path of this site. `replace` replaces the history entry of the current page. */
  go(path: string, options?: { readonly replace?: boolean }): void;
}

const RouterContext = createContext<Router | undefined>(undefined);

export function useRouter(): Router {
  const router = use(RouterContext);
  if (!router) throw new Error('there is no router around this component');
  return router;
}

const readLocation = (visit: number): Location => ({
  match: matchRoute(window.location.pathname),
  path: window.location.pathname,
  query: new URLSearchParams(window.location.search),
  fragment: window.location.hash.slice(1),
  visit,
});

/** Routing based on the History API. */
export function RouterProvider({ children }: { readonly children: ReactNode }) {
  const [location, setLocation] = useState(() => readLocation(0));
  useEffect(() => {
    const onPop = () => setLocation(({ visit }) => readLocation(visit + 1));
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }, []);
  const router = useMemo<Router>(
    () => ({
      ...location,
      go(path, { replace = false } = {}) {
        window.history[replace ? 'replaceState' : 'pushState'](null, '', path);
        window.scrollTo(0, 0);
        setLocation(({ visit }) => readLocation(visit + 1));
      },
    }),
    [location],
  );
  return <RouterContext value={router}>{children}</RouterContext>;
}

type LinkProps<Name extends RouteName> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  readonly to: Name;
  readonly query?: Query;
} & (unknown extends ParamsOf<Name> ? { readonly params?: undefined } : { readonly params: ParamsOf<Name> });

/** A link to a page of the shop; with a modifier key or another mouse button it behaves like a normal link. */
export function Link<Name extends RouteName>({ to, params, query, onClick, ...rest }: LinkProps<Name>) {
  const { go } = useRouter();
  const href = hrefOf(to, (params ?? {}) as ParamsOf<Name>, query);
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}

/** Every path of the shop, in URLPattern syntax. */
export const routes = {
  catalog: '/',
  product: '/products/:slug',
  cart: '/cart',
  checkout: '/checkout',
  orders: '/orders',
  order: '/orders/:orderId',
  messages: '/messages',
  account: '/account',
  addresses: '/account/addresses',
  sessions: '/account/sessions',
  ownData: '/account/data',
  admin: '/admin',
  adminCatalog: '/admin/catalog',
  adminProduct: '/admin/catalog/:slug',
  adminStock: '/admin/stock',
  adminOrders: '/admin/orders',
  adminPayments: '/admin/payments',
  adminPayment: '/admin/payments/:paymentId',
  adminUsers: '/admin/users',
  adminAudit: '/admin/audit',
  signIn: '/sign-in',
  register: '/register',
  verifyEmail: '/verify-email',
  resetPassword: '/reset-password',
} as const;
export type RouteName = keyof typeof routes;

type ParamsIn<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [name in Name]: string } & ParamsIn<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [name in Name]: string }
    : unknown;
export type ParamsOf<Name extends RouteName> = ParamsIn<(typeof routes)[Name]>;
/** Routes without parameters. */
export type PlainRouteName = {
  [Name in RouteName]: unknown extends ParamsOf<Name> ? Name : never;
}[RouteName];

/** The query of a URL; undefined and empty values are omitted. */
export type Query = Readonly<Record<string, string | undefined>>;

/** A route with its parameters, decoded: for `switch (match.name)`. */
export type Match = {
  [Name in RouteName]: { readonly name: Name; readonly params: ParamsOf<Name> };
}[RouteName];

const patterns = (Object.keys(routes) as RouteName[]).map((name) => ({
  name,
  pattern: new URLPattern({ pathname: routes[name] }),
}));

/** @returns the route of a path; undefined if there is no such page */
export function matchRoute(pathname: string): Match | undefined {
  for (const { name, pattern } of patterns) {
    const groups = pattern.exec({ pathname })?.pathname.groups;
    if (!groups) continue;
    const params: Readonly<Record<string, string>> = Object.fromEntries(
      Object.entries(groups).map(([key, value]) => [key, decodeSegment(value ?? '')] as const),
    );
    return { name, params } as Match;
  }
  return undefined;
}

/** The URL of a page: `hrefOf('product', { slug: 'enamel-kettle-red' })`. */
export function hrefOf<Name extends RouteName>(
  name: Name,
  params: ParamsOf<Name>,
  query: Query = {},
): string {
  const given = params as Readonly<Record<string, string>>;
  const path = routes[name].replace(/:(\w+)/g, (_whole, key: string) => encodeURIComponent(given[key] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1])),
  ).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** A path of this site to go to after signing in; anything else, such as another site, is replaced by the catalog. */
export const safePath = (path: string | null): string =>
  path !== null && /^\/(?![/\\])/.test(path) ? path : routes.catalog;

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

import { createContext, type ReactNode, use, useSyncExternalStore } from 'react';
import { createActionTrace } from './api/action-trace';
import { createRequests, type Requests } from './api/request';
import type { Order } from './api/types';
import { createCart, type Cart, type CartLine } from './cart/cart';
import { type Checkout, createCheckout } from './checkout/checkout';
import { rolesIn } from './session/roles';
import { createSession, type Session } from './session/session';
import { useLoad } from './ui/use-load';

/** Dependencies of the pages. */
export interface Shop {
  readonly session: Session;
  readonly cart: Cart;
  readonly checkout: Checkout;
  /** Sends anonymous requests. */
  readonly ask: Requests['ask'];
  readonly send: Requests['send'];
}

/** What the tabs of a browser share: its storage and its locks. */
export const createBrowserParts = () => ({
  storage: window.localStorage,
  locks: {
    request: <T,>(name: string, work: () => Promise<T>) => navigator.locks.request(name, work) as Promise<T>,
  },
  onStorage: (listener: (key: string | null) => void) =>
    window.addEventListener('storage', ({ key }) => listener(key)),
  now: Date.now,
});

/** The shop in this tab. */
export function createShop(browser: ReturnType<typeof createBrowserParts>): Shop {
  const requests = createRequests(createActionTrace(window));
  const session = createSession({ ...browser, requests });
  const cart = createCart(browser);
  const checkout = createCheckout({
    ...browser,
    buyer: session.userId,
    newKey: () => crypto.randomUUID(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    post: (key, body) =>
      session.ask<Order>('/api/v1/orders', { method: 'POST', body, headers: { 'idempotency-key': key } }),
    onPlaced: ({ items }) => cart.takeOut(items),
  });
  return { session, cart, checkout, ...requests };
}

const ShopContext = createContext<Shop | undefined>(undefined);

export const ShopProvider = ({ shop, children }: { readonly shop: Shop; readonly children: ReactNode }) => (
  <ShopContext value={shop}>{children}</ShopContext>
);

export function useShop(): Shop {
  const shop = use(ShopContext);
  if (!shop) throw new Error('there is no shop around this component');
  return shop;
}

export function useCartLines(): readonly CartLine[] {
  const { cart } = useShop();
  return useSyncExternalStore(cart.subscribe, cart.lines);
}

/** Whether the signed-in person is staff. For display only; the API decides for itself. */
export function useIsStaff(): boolean {
  const { session } = useShop();
  const { value } = useLoad(session.userId() ?? '', async (signal) =>
    session.userId() ? rolesIn(await session.token(signal)) : [],
  );
  return value?.includes('admin') ?? false;
}

export function useIsSignedIn(): boolean {
  const { session } = useShop();
  return useSyncExternalStore(session.subscribe, session.isSignedIn);
}

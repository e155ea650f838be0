import { type ApiProblem, isProblem, Unreachable } from '../api/problems';
import type { NewOrder, Order } from '../api/types';

/**
 * One intended order. Its key is created when the checkout opens and kept until the outcome of the order is known, so
 * that a double click, a reload, a lost response and a second tab all send the same request, and cause one order.
 */
export interface Attempt {
  readonly key: string;
  /** The request once it was sent: the same key with another body would be a different order. */
  readonly sent: { readonly body: NewOrder; readonly buyer: string | null; readonly at: number } | null;
}

/** The outcome of an order. */
export type Outcome =
  | { readonly kind: 'placed'; readonly orderId: string }
  /** Nothing was ordered; the next attempt is a new order. */
  | { readonly kind: 'refused'; readonly problem: ApiProblem }
  /** Not known yet: sending it again refers to the same order. */
  | { readonly kind: 'unknown'; readonly cause: Error };

export interface Checkout {
  /** The current attempt; starts one if there is none. */
  open(): Attempt;
  /** Sends an order; if the attempt was already sent, sends it again. */
  place(attempt: Attempt, body: NewOrder): Promise<Outcome>;
  /** Call it when the person signs out. */
  forget(): void;
}

export interface CheckoutDependencies {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Web Locks: of two tabs, one orders, and the other then receives the outcome. */
  readonly locks: { request<T>(name: string, work: () => Promise<T>): Promise<T> };
  readonly newKey: () => string;
  readonly now: () => number;
  /** Id of the signed-in person; null if nobody is signed in. */
  readonly buyer: () => string | null;
  readonly wait: (ms: number) => Promise<void>;
  /** POST /api/v1/orders with this Idempotency-Key. @throws ApiProblem, Unreachable */
  readonly post: (key: string, body: NewOrder) => Promise<Order>;
  readonly onPlaced: (body: NewOrder) => void;
}

const attemptKey = 'bulkhead.checkout';
const placedKey = 'bulkhead.placed';
/** The API keeps a key for 24 h; shortly before that, it is no longer used. */
const keptMs = 23 * 3_600_000;
/** Pauses before retries of the request. */
const pausesMs = [500, 1_500, 3_000];
/** Orders whose outcome other tabs may still query. */
const maxRemembered = 20;

export function createCheckout(dependencies: CheckoutDependencies): Checkout {
  const { storage, locks, newKey, now, buyer, wait, post, onPlaced } = dependencies;

  const stored = (): Attempt | undefined => {
    const attempt = parse<Attempt>(storage.getItem(attemptKey));
    if (typeof attempt?.key !== 'string') return undefined;
    if (!attempt.sent) return attempt;
    // An attempt that somebody else sent from this browser must not be sent again by this person.
    const isAnothers = buyer() !== null && attempt.sent.buyer !== buyer();
    return isAnothers || now() - attempt.sent.at > keptMs ? undefined : attempt;
  };
  const keep = (attempt: Attempt): Attempt => {
    storage.setItem(attemptKey, JSON.stringify(attempt));
    return attempt;
  };
  const placed = (): readonly [key: string, orderId: string][] => {
    const known = parse<[string, string][]>(storage.getItem(placedKey));
    return Array.isArray(known) ? known : [];
  };

  async function settle({ key }: Attempt, body: NewOrder): Promise<Outcome> {
    const isRepetition = stored()?.sent != null;
    const { sent } = keep(stored()?.sent ? stored()! : { key, sent: { body, buyer: buyer(), at: now() } });
    const wish = sent?.body ?? body;
    for (let retry = 0; ; retry++) {
      try {
        const { id } = await post(key, wish);
        storage.setItem(placedKey, JSON.stringify([[key, id], ...placed()].slice(0, maxRemembered)));
        storage.removeItem(attemptKey);
        onPlaced(wish);
        return { kind: 'placed', orderId: id };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        // A request rejected as unauthenticated or rate-limited did not reach the order: the key is still unused.
        const isFirst = retry === 0 && !isRepetition;
        if (isProblem(error, 'unauthenticated', 'invalid-token', 'rate-limited')) {
          if (isFirst) keep({ key, sent: null });
          return isFirst ? { kind: 'refused', problem: error } : { kind: 'unknown', cause: error };
        }
        if (!mayHaveArrived(error)) {
          storage.removeItem(attemptKey);
          return { kind: 'refused', problem: error as ApiProblem };
        }
        const pause = pausesMs[retry];
        if (pause === undefined) return { kind: 'unknown', cause: error };
        await wait(Math.max(pause, (error as ApiProblem).retryAfterMs ?? 0));
      }
    }
  }

  return {
    open: () => stored() ?? keep({ key: newKey(), sent: null }),
    place: (attempt, body) =>
      locks.request('bulkhead.checkout', async () => {
        const known = placed().find(([key]) => key === attempt.key);
        if (known) return { kind: 'placed', orderId: known[1] };
        return settle(stored() ?? attempt, body);
      }),
    forget: () => storage.removeItem(attemptKey),
  };
}

/** Any error but a definite rejection may follow an order that was placed. */
const mayHaveArrived = (error: Error): boolean =>
  error instanceof Unreachable ||
  isProblem(error, 'idempotency-in-progress') ||
  !('status' in error) ||
  (error as ApiProblem).status >= 500;

function parse<T>(text: string | null): T | undefined {
  try {
    return (JSON.parse(text ?? 'null') as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

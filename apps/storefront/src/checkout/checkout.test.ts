import { ApiProblem, Unreachable } from '../api/problems';
import type { NewOrder, Order } from '../api/types';
import { createOneLock, createSharedStorage } from '../testing/shared-storage';
import { createCheckout } from './checkout';

const body = (paymentMethod = 'pm_ok'): NewOrder => ({
  items: [{ productId: 'k', quantity: 1 }],
  paymentMethod,
});
const problem = (status: number, slug: string) =>
  new ApiProblem(status, { type: `urn:bulkhead:problem:${slug}`, title: slug }, null);

/** A browser before a shop that gives one order for each key; `fates` say what becomes of the responses. */
function createBrowser(...fates: (Error | 'ok')[]) {
  const shared = createSharedStorage();
  const locks = createOneLock();
  const orders = new Map<string, NewOrder>();
  const onPlaced = jest.fn();
  let keys = 0;
  let time = 0;
  let buyer: string | null = 'ada';
  const posts: string[] = [];
  return {
    orders,
    posts,
    onPlaced,
    later: (ms: number) => (time += ms),
    signIn: (id: string | null) => (buyer = id),
    openTab: () =>
      createCheckout({
        ...shared.openTab(),
        locks,
        newKey: () => `key-${(keys += 1)}`,
        now: () => time,
        buyer: () => buyer,
        wait: async (ms) => void (time += ms),
        onPlaced,
        async post(key, wish) {
          posts.push(key);
          const fate = fates.shift() ?? 'ok';
          const isRefused = fate instanceof ApiProblem && fate.status < 500;
          if (!isRefused) orders.set(key, orders.get(key) ?? wish);
          if (fate !== 'ok') throw fate;
          return { id: `order of ${key}` } as Order;
        },
      }),
  };
}

test('a double click makes one order', async () => {
  const browser = createBrowser();
  const tab = browser.openTab();
  const attempt = tab.open();
  const outcomes = await Promise.all([tab.place(attempt, body()), tab.place(attempt, body())]);
  expect(outcomes).toEqual(Array(2).fill({ kind: 'placed', orderId: 'order of key-1' }));
  expect([browser.posts, browser.onPlaced.mock.calls.length]).toEqual([['key-1'], 1]);
});

test('two tabs make one order, also with the second one’s other choice', async () => {
  const browser = createBrowser();
  const [one, other] = [browser.openTab(), browser.openTab()];
  const attempts = [one.open(), other.open()] as const;
  const outcomes = await Promise.all([
    one.place(attempts[0], body()),
    other.place(attempts[1], body('pm_slow')),
  ]);
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect([...browser.orders.values()]).toEqual([body()]);
});

test('a reload in mid-air sends the same order again', async () => {
  const browser = createBrowser(new Unreachable(), new Unreachable(), new Unreachable(), new Unreachable());
  const before = browser.openTab();
  expect(await before.place(before.open(), body())).toMatchObject({ kind: 'unknown' });
  const reloaded = browser.openTab();
  const attempt = reloaded.open();
  expect(attempt.sent?.body).toEqual(body());
  expect(await reloaded.place(attempt, body('pm_slow'))).toEqual({
    kind: 'placed',
    orderId: 'order of key-1',
  });
  expect([...browser.orders.values()]).toEqual([body()]);
});

test.each([
  new Unreachable(),
  problem(503, 'unavailable'),
  problem(504, 'deadline-exceeded'),
  problem(409, 'idempotency-in-progress'),
])('a lost response is asked for again: $message', async (lost) => {
  const browser = createBrowser(lost, lost, 'ok');
  const tab = browser.openTab();
  expect(await tab.place(tab.open(), body())).toMatchObject({ kind: 'placed' });
  expect(browser.posts).toEqual(['key-1', 'key-1', 'key-1']);
});

test.each(['payment-declined', 'out-of-stock', 'price-changed'])(
  'after %s, the next attempt is another wish',
  async (slug) => {
    const browser = createBrowser(problem(409, slug));
    const tab = browser.openTab();
    expect(await tab.place(tab.open(), body())).toMatchObject({ kind: 'refused', problem: { slug } });
    expect(await tab.place(tab.open(), body('pm_slow'))).toEqual({
      kind: 'placed',
      orderId: 'order of key-2',
    });
    expect(browser.orders.get('key-2')).toEqual(body('pm_slow'));
  },
);

test('a signed-out user orders with the same key after signing in', async () => {
  const browser = createBrowser(problem(401, 'unauthenticated'));
  const tab = browser.openTab();
  expect(await tab.place(tab.open(), body())).toMatchObject({ kind: 'refused' });
  expect(tab.open()).toEqual({ key: 'key-1', sent: null });
});

test('signed out after a response was lost, the order is still the one that was sent', async () => {
  const browser = createBrowser(new Unreachable(), problem(401, 'unauthenticated'));
  const tab = browser.openTab();
  expect(await tab.place(tab.open(), body())).toMatchObject({ kind: 'unknown' });
  expect(tab.open().sent?.body).toEqual(body());
});

test('an attempt that the shop has forgotten is not sent again, and nobody inherits another’s', async () => {
  const lost = Array<Error>(4).fill(new Unreachable());
  const browser = createBrowser(...lost);
  const tab = browser.openTab();
  await tab.place(tab.open(), body());
  browser.later(24 * 3_600_000);
  expect(tab.open()).toEqual({ key: 'key-2', sent: null });
  tab.forget();
  expect(tab.open().key).toBe('key-3');
});

test('an attempt is not repeated for another user, but for the same one after signing in again', async () => {
  const browser = createBrowser(...Array<Error>(4).fill(new Unreachable()));
  const tab = browser.openTab();
  await tab.place(tab.open(), body());
  browser.signIn(null);
  expect(tab.open().key).toBe('key-1');
  browser.signIn('ada');
  expect(tab.open().sent?.body).toEqual(body());
  browser.signIn('eve');
  expect(tab.open()).toEqual({ key: 'key-2', sent: null });
});

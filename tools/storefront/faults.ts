/** What becomes of a purchase while parts of the shop fail, and while it waits for the bank. */
import type { FaultEffect } from '@bulkhead/resilience/fault-rules';
import type { NewFault } from '../../experiments/shop/shop';
import { wait } from '../test/processes.ts';
import { createVisitor, expectEqual, type Step, type Visited } from './visitor.ts';

const forMs = 60_000;
const error503: FaultEffect = { type: 'error', status: 503 };
const latency = (ms: number): FaultEffect => ({ type: 'latency', latency: { distribution: 'fixed', ms } });

interface ShopWithFaults extends Visited {
  /** What is to fail from now on, and nothing else. */
  readonly setFaults: (...faults: NewFault[]) => Promise<void>;
}

export const buyWhilePartsFail = async (
  step: Step,
  { browser, origin, complaints, setFaults }: ShopWithFaults,
): Promise<void> => {
  const visitor = await createVisitor(browser, { origin, complaints });
  const { context, page, heading, take, pay, order, atOrder, orders } = visitor;
  const route = (name: string, effect: FaultEffect, durationMs = forMs): NewFault => ({
    target: { kind: 'route', name },
    effect,
    durationMs,
  });
  await visitor.register();

  await step('a reload in mid-air makes one order', async () => {
    const before = await orders();
    await take('storm-lantern-zinc');
    await page.goto('/checkout');
    await setFaults(route('placeOrder', latency(1_000)));
    const sent = page.waitForRequest(
      (request) => request.method() === 'POST' && /\/orders$/.test(request.url()),
    );
    await order();
    await sent;
    await wait(200);
    await page.reload();
    await atOrder();
    await setFaults();
    expectEqual(await orders(), before + 1, 'orders');
  });

  await step('a lost response makes one order', async () => {
    const before = await orders();
    await take('claw-hammer-ash');
    await page.goto('/checkout');
    await setFaults(route('placeOrder', { type: 'answer-lost' }, 2_000));
    await order();
    await atOrder();
    await setFaults();
    expectEqual(await orders(), before + 1, 'orders');
  });

  await step('while the bank is slow, the order is safe, and the page goes on by itself', async () => {
    await take('thread-bound-notebook-a5-lined');
    await page.goto('/checkout');
    await setFaults({ target: { kind: 'provider', name: '*' }, effect: latency(2_500), durationMs: 4_000 });
    await order();
    await atOrder();
    await heading('Waiting for the bank');
    await heading('Confirmed');
    await setFaults();
  });

  await step('with 3-D Secure, the order goes on once the buyer has confirmed at the bank', async () => {
    await take('cold-process-soap-lavender');
    await page.goto('/checkout');
    await pay('Test card with 3-D Secure');
    await order();
    await atOrder();
    const bank = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Confirm at the bank' }).click();
    await (await bank).close();
    await heading('Confirmed');
  });

  await step('with notification dead, the order still goes through, and the messages say so', async () => {
    await take('storm-lantern-black');
    await page.goto('/checkout');
    await setFaults(route('listNotifications', error503), route('streamNotifications', error503), {
      target: { kind: 'consumer', name: 'notification.*' },
      effect: { type: 'hang' },
      durationMs: forMs,
    });
    await order();
    await atOrder();
    await heading('Confirmed');
    await page.getByRole('link', { name: /Messages/ }).click();
    await page.getByRole('alert').filter({ hasText: 'The list of your messages is unavailable' }).waitFor();
    await setFaults();
    // By itself: the page looks again every few seconds.
    await heading('Unread: Your order is confirmed');
  });

  await step('with search down, the catalog is there, and searching says what to do', async () => {
    await setFaults(route('searchProducts', error503), route('suggestSearches', error503));
    await page.goto('/');
    await page.getByText('Search is unavailable at the moment.').waitFor();
    await page.locator('.card a').first().waitFor();
    await page.goto('/?q=kettle');
    await page.getByRole('alert').filter({ hasText: 'Search is unavailable at the moment.' }).waitFor();
    await page.getByRole('link', { name: 'Kitchen' }).click();
    await page.locator('.card a').first().waitFor();
    await setFaults();
  });

  await step('with the catalog, the profile or the orders down, the rest works', async () => {
    await take('cedar-pencils-box-of-12-hb');
    await setFaults(route('*Product', error503), route('listCategories', error503));
    await page.goto('/cart');
    await page.getByRole('link', { name: 'Go to checkout' }).waitFor();
    await page.goto('/?q=kettle');
    await page.locator('.card a').first().click();
    await page.getByRole('alert').filter({ hasText: 'This product is unavailable' }).waitFor();
    await setFaults(route('*Order*', error503), route('getProfile', error503));
    await page.goto('/account');
    await page.getByRole('alert').filter({ hasText: 'Your profile is unavailable' }).waitFor();
    await page.goto('/?category=books');
    await page.locator('.card a').first().waitFor();
    await page.goto('/orders');
    const notice = page.getByRole('alert').filter({ hasText: 'The list of your orders is unavailable' });
    const tryAgain = notice.getByRole('button', { name: 'Try again' });
    await tryAgain.press('Enter');
    await notice.getByRole('button', { name: 'Trying again' }).waitFor({ state: 'detached' });
    await tryAgain.waitFor();
    expectEqual(await tryAgain.evaluate((button) => button === document.activeElement), true, 'focus');
    await setFaults();
    await tryAgain.press('Enter');
    await notice.waitFor({ state: 'detached' });
    await page
      .getByRole('link', { name: /^Order/ })
      .first()
      .waitFor();
  });

  await step('with auth down, signing in says so, and the catalog works', async () => {
    const stranger = await createVisitor(browser, { origin, complaints });
    await setFaults(route('loginInBrowser', error503));
    await stranger.page.goto('/sign-in');
    await stranger.page.getByLabel('Email address').fill('ada@shop.example');
    await stranger.page.getByLabel('Password').fill('whatever it is');
    await stranger.page.getByRole('button', { name: 'Sign in' }).click();
    await stranger.page.getByRole('alert').filter({ hasText: 'Signing in is unavailable' }).waitFor();
    await stranger.page.goto('/');
    await stranger.page.locator('.card a').first().waitFor();
    await setFaults();
    await stranger.context.close();
  });

  await context.close();
};

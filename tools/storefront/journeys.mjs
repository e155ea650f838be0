/** What people do in the shop, and what becomes of it while parts of the shop fail. */
import { wait } from '../test/processes.ts';
import { createVisitor, expectEqual } from './visitor.mjs';

const forMs = 60_000;
const error503 = { type: 'error', status: 503 };
const latency = (ms) => ({ type: 'latency', latency: { distribution: 'fixed', ms } });

/**
 * @param {(sentence: string, work: () => Promise<void>) => Promise<void>} step
 * @param {{ browser: import('playwright-core').Browser, origin: string, complaints: string[],
 *   setFaults: (...faults: object[]) => Promise<void> }} shop
 */
export const goThroughJourneys = async (step, { browser, origin, complaints, setFaults }) => {
  const visitor = await createVisitor(browser, { origin, complaints });
  const { context, page, heading, take, pay, order, atOrder, orders } = visitor;
  const route = (name, effect, durationMs = forMs) => ({
    target: { kind: 'route', name },
    effect,
    durationMs,
  });

  await step('a stranger finds a thing as they type, with the keyboard alone, and buys it', async () => {
    await page.goto('/');
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to content' }).press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('gooseneck ket');
    await page
      .getByRole('option', { name: /Gooseneck Kettle/ })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await heading(/Gooseneck Kettle/);
    await page.getByRole('button', { name: 'Add to cart' }).press('Enter');
    await page.getByRole('link', { name: 'Go to the cart' }).press('Enter');
    await page.getByRole('link', { name: 'Go to checkout' }).press('Enter');
    await page.getByRole('link', { name: 'Create an account' }).press('Enter');
    const fields = ['Your name', 'Email address', 'Password'];
    const texts = ['Ada Lovelace', `ada-${crypto.randomUUID()}@shop.example`, 'an engine of analysis'];
    for (const [index, field] of fields.entries()) await page.getByLabel(field).fill(texts[index]);
    await page.getByLabel('Password').press('Enter');
    await page.getByRole('button', { name: /^Order and pay/ }).press('Enter');
    await atOrder();
    await heading('Confirmed');
    await page.getByRole('link', { name: /Cart/ }).click();
    await heading('Your cart is empty');
  });

  await step('what became of it is among the orders and the messages', async () => {
    expectEqual(await orders(), 1, 'orders');
    await page.goto('/messages');
    await heading('Unread: Your order is confirmed');
    await page.getByRole('button', { name: /^Mark as read.*Your order is confirmed/ }).click();
    await heading('Your order is confirmed');
  });

  await step('the focus goes to the heading of a page that somebody comes to', async () => {
    await page.goto('/');
    await page
      .getByRole('link', { name: /Garden/ })
      .first()
      .click();
    await heading('Garden');
    expectEqual(await page.evaluate(() => document.activeElement?.textContent), 'Garden', 'focus');
    await page.goBack();
    await heading('Everyday things for the home');
  });

  await step('a reload stays signed in, and no script can read or find a token', async () => {
    await page.reload();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('Ada Lovelace').waitFor();
    const readable = await page.evaluate(() =>
      JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]),
    );
    if (/eyJ|refresh=/.test(readable)) throw new Error(`a script can read ${readable}`);
    const [cookie] = await context.cookies(`${origin}/api/v1/auth/session`);
    expectEqual(
      [cookie.httpOnly, cookie.sameSite, cookie.path].join(),
      'true,Strict,/api/v1/auth/session',
      'cookie',
    );
  });

  await step('a double click makes one order', async () => {
    await take('beeswax-pillar-candle-10-cm');
    await page.goto('/checkout');
    await page.getByRole('button', { name: /^Order and pay/ }).dblclick();
    await atOrder();
    await heading('Confirmed');
    expectEqual(await orders(), 2, 'orders');
  });

  await step('two tabs make one order', async () => {
    await take('teapot-with-strainer-0-6-litres');
    await page.goto('/checkout');
    const other = await context.newPage();
    await other.goto('/checkout');
    await Promise.all([order(page), order(other)]);
    await Promise.all([atOrder(page), atOrder(other)]);
    expectEqual(other.url(), page.url(), 'order of the other tab');
    await other.close();
    expectEqual(await orders(), 3, 'orders');
  });

  await step('a reload in mid-air makes one order', async () => {
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
    expectEqual(await orders(), 4, 'orders');
  });

  await step('a lost response makes one order', async () => {
    await take('claw-hammer-ash');
    await page.goto('/checkout');
    await setFaults(route('placeOrder', { type: 'answer-lost' }, 2_000));
    await order();
    await atOrder();
    await setFaults();
    expectEqual(await orders(), 5, 'orders');
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

  await step('a declined card leaves the cart as it was, and another card pays', async () => {
    await take('wool-blanket-fog');
    await page.goto('/checkout');
    await pay('Test card that is declined');
    await order();
    await page.getByRole('alert').filter({ hasText: 'The bank declined the payment.' }).waitFor();
    await pay();
    await order();
    await atOrder();
    await heading('Confirmed');
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

  await step('an order is cancelled, and the money goes back', async () => {
    await page.getByRole('button', { name: 'Cancel this order' }).click();
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await heading('Refunded');
  });

  await step(
    'what is sold out says so, and what there is too little of is named at the checkout',
    async () => {
      await page.goto('/products/wool-blanket-moss');
      await page.getByText('Sold out').waitFor();
      await take('paper-lantern-35-cm', 90);
      await take('cold-process-soap-cedar');
      await page.goto('/checkout');
      await order();
      await page.getByRole('alert').filter({ hasText: 'Not enough in stock' }).waitFor();
      await page.getByRole('button', { name: 'Continue without it' }).click();
      await order();
      await atOrder();
      await heading('Confirmed');
    },
  );

  await step('a price that has changed is shown before anything is ordered', async () => {
    await take('hand-trowel-wide');
    const setPrice = () => {
      const [line] = JSON.parse(localStorage.getItem('bulkhead.cart'));
      localStorage.setItem(
        'bulkhead.cart',
        JSON.stringify([{ ...line, price: { amount: 1, currency: 'EUR' } }]),
      );
    };
    await page.evaluate(setPrice);
    await page.goto('/checkout');
    await page.getByRole('button', { name: 'Order and pay €0.01' }).click();
    await page
      .getByRole('alert')
      .filter({ hasText: /was €0\.01, now €\d+\.\d\d/ })
      .waitFor();
    await order();
    await atOrder();
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

  await step('signing out ends it in every tab', async () => {
    const other = await context.newPage();
    await other.goto('/orders');
    await page.goto('/account');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Everyday things for the home');
    await other.getByText('Sign in to see it.').waitFor();
    await other.close();
  });
  await context.close();
};

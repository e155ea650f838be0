/**
 * What people do in a shop, any shop with the example products: nothing fails in it but cards. Without 3-D Secure, as the
 * simulated bank's page cannot be reached from outside of a cluster.
 */
import { createVisitor, expectEqual, type Step, type Visited } from './visitor.ts';

export const goThroughPurchases = async (
  step: Step,
  { browser, origin, complaints }: Visited,
): Promise<void> => {
  const visitor = await createVisitor(browser, { origin, complaints });
  const { context, page, heading, take, pay, order, atOrder, orders } = visitor;

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
    for (const [field, text] of [
      ['Your name', 'Ada Lovelace'],
      ['Email address', `ada-${crypto.randomUUID()}@shop.example`],
      ['Password', 'an engine of analysis'],
    ] as const)
      await page.getByLabel(field).fill(text);
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
      [cookie?.httpOnly, cookie?.sameSite, cookie?.path].join(),
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
    // Both at once: a click that waits until its button stands still may come after the other tab has emptied the cart.
    const buttons = [page, other].map((tab) => tab.getByRole('button', { name: /^Order and pay/ }));
    await Promise.all(buttons.map((button) => button.waitFor()));
    await Promise.all(buttons.map((button) => button.dispatchEvent('click')));
    await Promise.all([atOrder(page), atOrder(other)]);
    expectEqual(other.url(), page.url(), 'order of the other tab');
    await other.close();
    expectEqual(await orders(), 3, 'orders');
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
      const [line] = JSON.parse(localStorage.getItem('bulkhead.cart') ?? '[]') as object[];
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

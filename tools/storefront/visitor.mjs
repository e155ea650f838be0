/** A person with a browser, for the tests of the storefront. */

const patience = 20_000;

/**
 * @param {import('playwright-core').Browser} browser
 * @param {{ origin: string, complaints: string[] }} options `complaints` gets whatever the browser finds fault with
 */
export const createVisitor = async (browser, { origin, complaints, ...options }) => {
  const context = await browser.newContext({
    baseURL: origin,
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(patience);
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    // That a request failed is on the page, in a sentence; the browser says it besides.
    if (message.type() !== 'error' || /^Failed to load resource/.test(message.text())) return;
    complaints.push(message.text());
  });
  context.on('request', (request) => {
    if (new URL(request.url()).origin === origin) return;
    // The bank's page, which the buyer goes to.
    if (!/\/actions\//.test(request.url())) complaints.push(`asks for ${request.url()}`);
  });
  const page = await context.newPage();

  const visitor = {
    context,
    page,
    heading: (name, on = page) =>
      on
        .getByRole('heading', { name, exact: typeof name === 'string' })
        .first()
        .waitFor(),
    /** Takes a product into the cart. */
    async take(slug, quantity = 1, on = page) {
      await on.goto(`/products/${slug}`);
      await on.getByLabel('Quantity').fill(String(quantity));
      await on.getByRole('button', { name: 'Add to cart' }).click();
      await on.getByText('in your cart').waitFor();
    },
    async register(next = '/') {
      await page.goto(`/register?next=${encodeURIComponent(next)}`);
      await page.getByLabel('Your name').fill('Grace Hopper');
      await page.getByLabel('Email address').fill(`visitor-${crypto.randomUUID()}@shop.example`);
      await page.getByLabel('Password').fill('compiles at the first attempt');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('link', { name: 'Orders' }).waitFor();
    },
    async signIn(email, password) {
      await page.goto('/sign-in');
      await page.getByLabel('Email address').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('link', { name: 'Orders' }).waitFor();
    },
    /** What the page of the account says. */
    async whoAmI() {
      const look = await context.newPage();
      await look.goto('/account');
      const email = await look.locator('dd').nth(1).textContent();
      await look.close();
      return { email };
    },
    pay: (card = 'Test card Approved', on = page) => on.getByRole('radio', { name: card }).check(),
    order: (on = page) => on.getByRole('button', { name: /^Order and pay/ }).click(),
    atOrder: (on = page) => on.waitForURL(/\/orders\/[0-9a-f-]{36}$/),
    /** How many orders the person has. */
    async orders() {
      const look = await context.newPage();
      await look.goto('/orders');
      await look.locator('.rows[aria-busy=false]').waitFor({ state: 'attached' });
      const count = await look.locator('.rows li').count();
      await look.close();
      return count;
    },
  };
  return visitor;
};

/** @throws Error unless what was found is what was expected */
export const expectEqual = (found, expected, what) => {
  if (found !== expected)
    throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
};

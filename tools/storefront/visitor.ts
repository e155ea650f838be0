/** A person with a browser, for the tests of the storefront. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Steps } from '../test/steps.ts';

export type Step = Steps['step'];

/** A shop that is looked at. */
export interface Visited {
  readonly browser: Browser;
  readonly origin: string;
  /** Gets whatever the browser finds fault with. */
  readonly complaints: string[];
}

const patience = 20_000;

/** @param options the shop, and how the browser is set up */
export const createVisitor = async (
  browser: Browser,
  { origin, complaints, ...options }: Omit<Visited, 'browser'> & BrowserContextOptions,
) => {
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
    heading: (name: string | RegExp, on: Page = page) =>
      on
        .getByRole('heading', { name, exact: typeof name === 'string' })
        .first()
        .waitFor(),
    /** Takes a product into the cart. */
    async take(slug: string, quantity = 1, on: Page = page): Promise<void> {
      await on.goto(`/products/${slug}`);
      await on.getByLabel('Quantity').fill(String(quantity));
      await on.getByRole('button', { name: 'Add to cart' }).click();
      await on.getByText('in your cart').waitFor();
    },
    async register(next = '/'): Promise<void> {
      await page.goto(`/register?next=${encodeURIComponent(next)}`);
      await page.getByLabel('Your name').fill('Grace Hopper');
      await page.getByLabel('Email address').fill(`visitor-${crypto.randomUUID()}@shop.example`);
      await page.getByLabel('Password').fill('compiles at the first attempt');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('link', { name: 'Orders' }).waitFor();
    },
    async signIn(email: string, password: string): Promise<void> {
      await page.goto('/sign-in');
      await page.getByLabel('Email address').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('link', { name: 'Orders' }).waitFor();
    },
    /** What the page of the account says. */
    async whoAmI(): Promise<{ email: string }> {
      const look = await context.newPage();
      await look.goto('/account');
      const email = await textOf(look.locator('dd').nth(1));
      await look.close();
      return { email };
    },
    pay: (card = 'Test card Approved', on: Page = page) => on.getByRole('radio', { name: card }).check(),
    order: (on: Page = page) => on.getByRole('button', { name: /^Order and pay/ }).click(),
    atOrder: (on: Page = page) => on.waitForURL(/\/orders\/[0-9a-f-]{36}$/),
    /** How many orders the person has. */
    async orders(): Promise<number> {
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

export type Visitor = Awaited<ReturnType<typeof createVisitor>>;

/** @throws Error where the element has none */
export const textOf = async (element: Locator): Promise<string> => {
  const text = await element.textContent();
  if (text === null) throw new Error(`${String(element)} has no text`);
  return text;
};

/** @returns the first group of the pattern in the text @throws Error where the text does not match */
export const firstGroup = (pattern: RegExp, text: string): string => {
  const group = pattern.exec(text)?.[1];
  if (group === undefined) throw new Error(`${text} does not match ${String(pattern)}`);
  return group;
};

/** @throws Error unless what was found is what was expected */
export const expectEqual = <Value>(found: Value, expected: Value, what: string): void => {
  if (found !== expected)
    throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
};

/** What axe finds on every page, light and dark; whether each fits a narrow screen; and whether it is in German as a whole. */
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { axeFaults } from '../test/browser.ts';
import { untranslated } from './languages.ts';
import { createVisitor, type Step, type Visited, type Visitor } from './visitor.ts';

const narrow = 320;
const colorSchemes = ['light', 'dark'] as const;
type ColorScheme = (typeof colorSchemes)[number];

interface WithPictures {
  /** A folder for pictures of some pages. */
  readonly pictures: string | undefined;
}

/** Looks at pages of a visitor. */
const createLook = (step: Step, page: Page, { pictures }: WithPictures) => {
  /** @returns what axe finds fault with in the page as it is now */
  const faultsOf = async (colorScheme: ColorScheme): Promise<string[]> => {
    await page.emulateMedia({ colorScheme });
    return (await axeFaults(page)).map((fault) => `${colorScheme}: ${fault}`);
  };
  const widthFault = async (language: string): Promise<string[]> => {
    await page.setViewportSize({ width: narrow, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    await page.setViewportSize({ width: 1280, height: 900 });
    return width > narrow ? [`${language}: it is ${width} px wide`] : [];
  };
  const inGerman = async (): Promise<string[]> => {
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await page.locator('html[lang=de]').waitFor();
    const faults = [...(await untranslated(page)), ...(await widthFault('German'))];
    await page.getByRole('button', { name: 'English' }).click();
    await page.locator('html[lang=en]').waitFor();
    return faults;
  };
  const look = (name: string, address?: string, ready: Locator = page.locator('h1')) =>
    step(`axe finds nothing, ${narrow} px are enough, and all of it is in German: ${name}`, async () => {
      if (address !== undefined) await page.goto(address);
      await ready.first().waitFor();
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
      const faults = [
        ...(await faultsOf('dark')),
        ...(await faultsOf('light')),
        ...(await widthFault('English')),
        ...(await inGerman()),
      ];
      if (faults.length > 0) throw new Error(faults.join('; '));
    });
  const picture = async (name: string): Promise<void> => {
    if (!pictures) return;
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`) });
    }
  };
  return { look, picture };
};

/**
 * What staff sees.
 * @param staff a visitor who is signed in as an admin
 */
export const checkStaffPages = async (
  step: Step,
  { staff, pictures }: WithPictures & { readonly staff: Visitor },
): Promise<void> => {
  const { page } = staff;
  const { look, picture } = createLook(step, page, { pictures });
  const rows = page.locator('.rows li');
  await look('administration', '/admin');
  await look('catalog of staff', '/admin/catalog', rows);
  await picture('staff-catalog');
  await rows.locator('h2 a').first().click();
  await look('product of staff', undefined, page.getByLabel('SKU'));
  await picture('staff-product');
  await look('new product', '/admin/catalog/new-', page.getByLabel('SKU'));
  await look('stock', '/admin/stock?sku=CBL-AUX-3', rows);
  await picture('staff-stock');
  await look('all orders', '/admin/orders', rows);
  await picture('staff-orders');
  await look('payments', '/admin/payments', rows);
  await picture('staff-payments');
  await page.goto('/admin/payments?status=partially_refunded');
  await rows.locator('h2 a').first().click();
  await look('payment', undefined, page.getByRole('button', { name: 'Refund' }));
  await picture('staff-payment');
  await look('users', '/admin/users', rows);
  await picture('staff-users');
  await look('audit', '/admin/audit', rows);
  await picture('staff-audit');
  await staff.context.close();
};

/** What everybody sees, signed in or not. */
export const checkAccessibility = async (
  step: Step,
  { browser, origin, complaints, pictures }: Visited & WithPictures,
): Promise<void> => {
  const visitor = await createVisitor(browser, { origin, complaints, reducedMotion: 'reduce' });
  const { page, take, register, order, atOrder, heading } = visitor;
  const { look, picture } = createLook(step, page, { pictures });
  await page.goto('/');
  const cards = page.locator('.card a');

  await look('catalog', '/', cards);
  await picture('catalog');
  await look('category', '/?category=garden', cards);
  await look('nothing found', '/?q=zzzzzzzz', page.getByText('No results for'));
  await look('empty cart', '/cart');
  await look('sign-in', '/sign-in');
  await picture('sign-in');
  await look('registration', '/register');
  await picture('registration');
  await look('password reset', '/reset-password');
  await look('new password', '/reset-password#token=x');
  await look('verification', '/verify-email#token=x');
  await look('unknown page', '/nowhere');
  await look('signed-out checkout', '/checkout');
  await take('gooseneck-kettle-matt-black');
  await look('product', undefined, page.getByText('in your cart'));
  await picture('product');
  await page.getByRole('combobox', { name: 'Search products' }).pressSequentially('lam');
  await look('suggestions', undefined, page.getByRole('option'));
  await picture('suggestions');
  await take('wool-blanket-rust');
  await look('cart', '/cart', page.locator('.line'));
  await picture('cart');
  await register('/checkout');
  await look('checkout', undefined, page.getByRole('radio'));
  await picture('checkout');
  await visitor.pay('Test card that is declined');
  await order();
  await look('declined', undefined, page.getByRole('alert'));
  await picture('declined');
  await visitor.pay('Test card with 3-D Secure');
  await order();
  await atOrder();
  await look('3-D Secure', undefined, page.getByRole('link', { name: 'Confirm at the bank' }));
  await picture('confirm-at-the-bank');
  await take('teapot-with-strainer-0-6-litres');
  await page.goto('/checkout');
  await order();
  await atOrder();
  await heading('Confirmed');
  await look('order');
  await picture('order');
  await look('orders', '/orders', page.locator('.rows li'));
  await picture('orders');
  await look('messages', '/messages', page.locator('.messages li'));
  await picture('messages');
  await look('account', '/account', page.getByText('Grace Hopper'));
  await picture('account');
  await look('addresses', '/account/addresses', page.getByLabel('Recipient'));
  await picture('addresses');
  await look('sessions', '/account/sessions', page.locator('.rows li'));
  await picture('sessions');
  await look('own data', '/account/data', page.getByRole('button', { name: 'Delete my account' }));
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await look('confirmation before the deletion', undefined, page.getByRole('group'));
  await picture('own-data');
  await look('prices', '/?category=kitchen', page.getByRole('navigation', { name: 'Prices' }));
  if (pictures) {
    await page.goto('/');
    await cards.first().waitFor();
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await picture('catalog-german');
    await page.getByRole('button', { name: 'English' }).click();
  }
  await step('nothing moves for those who want that', async () => {
    const link = page.locator('a').first();
    const duration = await link.evaluate((element) => getComputedStyle(element).transitionDuration);
    if (duration !== '0s') throw new Error(`a link takes ${duration}`);
  });
  await visitor.context.close();
};

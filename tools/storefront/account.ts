/** What people do with their account, and what staff does, mostly with the keyboard alone. */
import { readFile } from 'node:fs/promises';
import {
  createVisitor,
  expectEqual,
  firstGroup,
  type Step,
  textOf,
  type Visited,
  type Visitor,
} from './visitor.ts';

interface ShopOfAdmin extends Visited {
  /** Of admin@shop.example. */
  readonly adminPassword: string;
}

/** The file that people get of what the shop holds about them, as far as it is looked at. */
interface OwnData {
  readonly profile: { readonly name: string };
  readonly addresses: readonly { readonly city: string }[];
}

/** @returns the visitor who is staff, still signed in */
export const goThroughAccounts = async (
  step: Step,
  { browser, origin, complaints, adminPassword }: ShopOfAdmin,
): Promise<Visitor> => {
  const buyer = await createVisitor(browser, { origin, complaints, acceptDownloads: true });
  const { page, heading } = buyer;
  await buyer.register('/account');

  await step('a profile is changed, and an address kept, with the keyboard alone', async () => {
    await page.getByLabel('Name', { exact: true }).press('ControlOrMeta+A');
    await page.keyboard.type('Rear Admiral Hopper');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.locator('dd', { hasText: 'Rear Admiral Hopper' }).waitFor();
    await page.getByRole('link', { name: 'Addresses' }).press('Enter');
    await page.getByLabel('Recipient').focus();
    for (const text of ['Grace Hopper', '1 Navy Yard', '', '20374', 'Washington', '', 'us']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.locator('.rows').getByText('1 Navy Yard, 20374 Washington, US').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Change the address of Grace Hopper' }).press('Enter');
    await page.getByLabel('City').first().fill('Arlington');
    await page.getByLabel('City').first().press('Enter');
    await page.locator('.rows').getByText('20374 Arlington').waitFor();
  });

  await step('what is wrong with an address is said at its field', async () => {
    for (const [field, text] of [
      ['Recipient', 'G'],
      ['Street', 'S'],
      ['Postal code', '1'],
      ['City', 'C'],
      ['Country', 'XX'],
    ] as const)
      await page.getByLabel(field).fill(text);
    await page.getByRole('button', { name: 'Add address' }).click();
    await page.locator('.problem').first().waitFor();
    expectEqual(await page.getByLabel('Country').getAttribute('aria-invalid'), 'true', 'aria-invalid');
  });

  await step('an order goes to an address that is kept, or to one that is typed, and says so', async () => {
    const goesTo = async (line: string): Promise<void> => {
      await buyer.order();
      await buyer.atOrder();
      await page.locator('address').getByText(line).waitFor();
    };
    await buyer.take('storm-lantern-black');
    await page.goto('/checkout');
    await page.locator('input[name=address][value]:checked + span', { hasText: '20374 Arlington' }).waitFor();
    await goesTo('20374 Arlington');
    await buyer.take('storm-lantern-black');
    // What is chosen before the saved addresses are there stays chosen.
    const chosen = Promise.withResolvers<void>();
    await page.route('**/api/v1/me/addresses', async (route) => {
      await chosen.promise;
      await route.continue();
    });
    await page.goto('/checkout');
    await page.getByRole('radio', { name: 'Another address' }).check();
    chosen.resolve();
    await page.getByRole('radio', { name: '20374 Arlington' }).waitFor();
    await page.unroute('**/api/v1/me/addresses');
    for (const [field, text] of [
      ['Recipient', 'Ada Lovelace'],
      ['Street', '12 St James’s Square'],
      ['Postal code', 'SW1Y 4JH'],
      ['City', 'London'],
      ['Country', 'XX'],
    ] as const)
      await page.getByLabel(field).fill(text);
    await buyer.order();
    await page.locator('.problem').waitFor();
    await page.getByLabel('Country').fill('gb');
    await goesTo('SW1Y 4JH London');
  });

  await step('a session elsewhere is ended from here', async () => {
    await page.goto('/account/sessions');
    await heading('This browser');
    const { email } = await buyer.whoAmI();
    const elsewhere = await createVisitor(browser, { origin, complaints });
    await elsewhere.signIn(email, 'compiles at the first attempt');
    await page.reload();
    await page.getByRole('button', { name: /^End the session of/ }).click();
    await page.getByRole('button', { name: 'Yes, end it' }).press('Enter');
    await page.locator('.rows li').nth(1).waitFor({ state: 'detached' });
    await elsewhere.page.goto('/orders');
    await elsewhere.page.getByText('Sign in').first().waitFor();
    await elsewhere.context.close();
  });

  await step('everything that the shop holds about a person is a file of theirs', async () => {
    await page.goto('/account/data');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download my data' }).press('Enter');
    const file = await (await download).path();
    const { profile, addresses } = JSON.parse(await readFile(file, 'utf8')) as OwnData;
    expectEqual(profile.name, 'Rear Admiral Hopper', 'name');
    expectEqual(addresses[0]?.city, 'Arlington', 'city');
  });

  await step('a range of prices narrows the catalog, and a link leads back', async () => {
    await page.goto('/?category=kitchen');
    const range = page.getByRole('navigation', { name: 'Prices' }).getByRole('link');
    await range.first().waitFor();
    await page.locator('.card a').first().waitFor();
    const all = await page.locator('.card a').count();
    const count = firstGroup(/\((\d+)\)$/, await textOf(range.first()));
    await range.first().press('Enter');
    await page.getByRole('link', { name: 'Any price' }).waitFor();
    await page.getByText(`${count} product`).waitFor();
    await page.getByRole('link', { name: 'Any price' }).press('Enter');
    await page.waitForFunction((number) => document.querySelectorAll('.card a').length === number, all);
  });

  const staff = await createVisitor(browser, { origin, complaints, reducedMotion: 'reduce' });
  await step('staff gives a part of the money back, once, however often it is pressed', async () => {
    await buyer.take('storm-lantern-black');
    await page.goto('/checkout');
    await buyer.order();
    await buyer.atOrder();
    await heading('Confirmed');
    await staff.signIn('admin@shop.example', adminPassword);
    await staff.page.getByRole('link', { name: 'Account' }).click();
    await staff.page.getByRole('link', { name: 'Administration' }).press('Enter');
    await staff.page
      .getByRole('navigation', { name: 'Administration' })
      .getByRole('link', { name: 'Orders' })
      .press('Enter');
    await staff.heading('All orders');
    await staff.page
      .getByRole('link', { name: /^Payment of order/ })
      .first()
      .press('Enter');
    await staff.page
      .getByRole('link', { name: /^Payment of order/ })
      .first()
      .press('Enter');
    await staff.page.getByLabel('Amount in EUR').fill('1,50');
    await staff.page.getByLabel('Reason').fill('a scratch');
    await staff.page.getByRole('button', { name: 'Refund' }).dblclick();
    await staff.page.locator('.rows').getByText('€1.50').waitFor();
    expectEqual(await staff.page.locator('.rows .price').count(), 1, 'refunds');
    await page.reload();
    await page.locator('.sum', { hasText: 'Refunded' }).getByText('€1.50').waitFor();
  });

  await step('staff is one click away from the trace of an order', async () => {
    await staff.page.goto('/admin/orders');
    const opened = staff.context.waitForEvent('page');
    await staff.page
      .getByRole('link', { name: /^Trace of order/ })
      .first()
      .click();
    const trace = await opened;
    const id = firstGroup(/\/ops\?trace=([0-9a-f]{32})$/, trace.url());
    await trace.locator('#trace', { hasText: id }).waitFor();
    await trace.locator('#trace', { hasText: 'POST /api/v1/orders' }).waitFor();
    await trace.close();
  });

  await step('staff puts a product into the catalog, and pieces into its stock', async () => {
    const { page } = staff;
    const code = crypto.randomUUID().slice(0, 8);
    await page.goto('/admin/catalog');
    await page.getByRole('link', { name: 'Add a product' }).press('Enter');
    for (const [field, text] of [
      ['Name', 'A thing'],
      ['SKU', `THING-${code.toUpperCase()}`],
      ['Slug', `thing-${code}`],
      ['Category', 'tools'],
      ['Price', '12,5'],
    ] as const)
      await page.getByLabel(field, { exact: true }).fill(text);
    await page.getByLabel('Price').press('Enter');
    await page.getByRole('link', { name: 'A thing', exact: true }).press('Enter');
    expectEqual(await page.getByLabel('Price').inputValue(), '12.50', 'price');
    await page.goto('/admin/stock?sku=CBL-AUX-3');
    const pieces = page.locator('.status strong');
    const before = Number((await textOf(pieces)).replaceAll(',', ''));
    await page.getByRole('textbox', { name: 'Quantity' }).fill('3');
    await page.getByLabel('Reason').fill('found in the back');
    await page.getByLabel('Reason').press('Enter');
    await page.getByText('found in the back').waitFor();
    await page.waitForFunction(
      (number) =>
        Number(document.querySelector('.status strong')?.textContent?.replaceAll(',', '')) === number,
      before + 3,
    );
  });

  await step('the pages of staff tell other users that they are for staff', async () => {
    await page.goto('/admin/users');
    await page.getByRole('alert').filter({ hasText: 'This page is for staff.' }).waitFor();
    await page.goto('/account');
    await page.getByText('Rear Admiral Hopper').first().waitFor();
    expectEqual(await page.getByRole('link', { name: 'Administration' }).count(), 0, 'links');
  });

  await step('an account is deleted, and the progress is shown', async () => {
    await page.goto('/account/data');
    await page.getByRole('button', { name: 'Delete my account' }).press('Enter');
    await page.getByRole('button', { name: 'Yes, delete it permanently' }).press('Enter');
    await page.getByText(/^Your account (is being|was) deleted\.$/).waitFor();
  });
  await buyer.context.close();
  return staff;
};

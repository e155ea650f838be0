/** Whether the pages are in the language of whoever reads them, as a whole. */
import type { Page } from 'playwright-core';
import { createVisitor, expectEqual, type Step, textOf, type Visited } from './visitor.ts';

/** Words of English sentences that no German sentence has. */
const english =
  /\b(the|your|of|and|is|are|you|to|this|that|with|it|for|not|what|from|there|nothing|sign|page|pages|cart|here|orders?|messages?|account|address|data|any|price|sold|show|by)\b/i;

/** Runs in the page: what people see and hear of it, without what says that it is in English, or a name. */
const readTexts = (): string[] => {
  const foreign = '[lang=en], [translate=no], script, style, noscript';
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.closest(foreign)) continue;
    if (!(node instanceof Element)) texts.push(node.textContent ?? '');
    else
      for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
        texts.push(node.getAttribute(name) ?? '');
  }
  return texts.filter((text) => /\p{L}/u.test(text));
};

let names: readonly string[] | undefined;

interface ProductPage {
  readonly items: readonly { readonly name: string }[];
  /** Where the next page is; null on the last one. */
  readonly next: string | null;
}

/** Names of products, which are the same in every language; longest first, as one may begin with another. */
const productNames = async (page: Page): Promise<string[]> => {
  const found: string[] = [];
  for (let path: string | null = '/api/v1/products?limit=100'; path;) {
    const response = await page.request.get(path);
    const { items, next } = (await response.json()) as ProductPage;
    found.push(...items.map(({ name }) => name));
    path = next;
  }
  return found.sort((one, other) => other.length - one.length);
};

/**
 * @param page in German
 * @returns what of it is in English
 */
export const untranslated = async (page: Page): Promise<string[]> => {
  const known = (names ??= await productNames(page));
  const texts = await page.evaluate(readTexts);
  return [...new Set(texts)]
    .filter((text) => english.test(known.reduce((rest, name) => rest.replaceAll(name, ''), text)))
    .map((text) => `not in German: ${text}`);
};

export const speakLanguages = async (step: Step, { browser, origin, complaints }: Visited): Promise<void> => {
  const reader = await createVisitor(browser, { origin, complaints, locale: 'de-AT' });
  const { page, heading } = reader;

  await step('who reads German gets the shop in German, with prices as they are written there', async () => {
    await page.goto('/products/gooseneck-kettle-matt-black');
    await page.getByRole('button', { name: 'In den Warenkorb' }).click();
    await page.getByRole('link', { name: 'Zum Warenkorb' }).click();
    await heading('Ihr Warenkorb');
    const price = await textOf(page.locator('.price.large'));
    if (!/^€\s\d+,\d\d$/.test(price)) throw new Error(`a price is written ${price}`);
    expectEqual(await page.evaluate(() => document.documentElement.lang), 'de', 'lang');
    expectEqual((await untranslated(page)).join(), '', 'in English');
  });

  await step('what fails, and what is wrong with a field, is said in German', async () => {
    await page.goto('/sign-in');
    await page.getByLabel('E-Mail-Adresse').fill('ada@shop.example');
    await page.getByLabel('Passwort').fill('not the password');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page
      .getByRole('alert')
      .filter({ hasText: 'Die E-Mail-Adresse oder das Passwort ist falsch.' })
      .waitFor();
    await page.goto('/register');
    await page.getByLabel('Ihr Name').fill('Ada');
    await page.getByLabel('E-Mail-Adresse').fill(`ada-${crypto.randomUUID()}@shop.example`);
    await page.getByLabel('Passwort').fill('password');
    await page.getByRole('button', { name: 'Konto anlegen' }).click();
    await page.getByText('Dieses Passwort ist allzu bekannt').waitFor();
    expectEqual((await untranslated(page)).join(), '', 'in English');
  });

  await step('the language that somebody chooses stays, in other tabs too', async () => {
    const other = await reader.context.newPage();
    await other.goto('/cart');
    await heading('Ihr Warenkorb', other);
    await page.getByRole('button', { name: 'English' }).press('Enter');
    await heading('Create an account');
    await heading('Your cart', other);
    await page.reload();
    await heading('Create an account');
    expectEqual(await page.evaluate(() => document.documentElement.lang), 'en', 'lang');
    await other.close();
  });
  await reader.context.close();

  await step('who reads English loads no other language', async () => {
    const { page: english, context } = await createVisitor(browser, { origin, complaints });
    const scripts: string[] = [];
    english.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(request.url());
    });
    await english.goto('/');
    await english.locator('.card a').first().waitFor();
    expectEqual(scripts.length, 1, 'scripts');
    await context.close();
  });
};

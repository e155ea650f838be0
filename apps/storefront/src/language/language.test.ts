import { createSharedStorage } from '../testing/shared-storage';
import { de } from './de';
import { en } from './en';
import { createLanguageChoice } from './language';

const load = () => Promise.resolve(de);

test.each([
  [['de-AT', 'en'], 'de', '49,00'],
  [['fr', 'en-GB', 'de'], 'en', '€49.00'],
  [['fr'], 'en', '€49.00'],
  [[], 'en', '€49.00'],
])('a browser that prefers %j gets the page in %s', async (preferred, code, price) => {
  const choice = await createLanguageChoice({ ...createSharedStorage().openTab(), preferred, load });
  expect(choice.current().code).toBe(code);
  expect(choice.current().format.money({ amount: 4900, currency: 'EUR' })).toContain(price);
});

test('a language that was chosen stays, in every tab and after a reload', async () => {
  const shared = createSharedStorage();
  const preferred = ['en'];
  const choice = await createLanguageChoice({ ...shared.openTab(), preferred, load });
  const other = await createLanguageChoice({ ...shared.openTab(), preferred, load });
  const changed = new Promise<void>((resolve) => other.subscribe(resolve));
  await choice.choose('de');
  await changed;
  const reloaded = await createLanguageChoice({ ...shared.openTab(), preferred, load });
  expect([choice, other, reloaded].map((each) => each.current().t.cart.title)).toEqual(
    Array(3).fill(de.cart.title),
  );
});

test('a language that cannot be loaded leaves the page in English', async () => {
  const shared = createSharedStorage({ 'bulkhead.language': 'constructor' });
  const choice = await createLanguageChoice({
    ...shared.openTab(),
    preferred: ['de'],
    load: () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
  });
  await choice.choose('de');
  expect(choice.current().t).toBe(en);
  expect(shared.stored.get('bulkhead.language')).toBe('constructor');
});

/** What people see while a service is dead, one after the other, and that it is well again once the service is back. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createVisitor, type Step, type Visited } from './visitor.ts';

const dead = (part: string) => new RegExp(`${part} (is unavailable|could not be reached)`);

/** By service: what says so, with where it is seen; and what works all the same. */
const views = {
  notification: { at: '/messages', says: dead('The list of your messages'), works: '/orders' },
  search: { at: '/', says: /Search is unavailable at the moment/, works: '/cart' },
  product: { at: '/products/storm-lantern-black', says: dead('This product'), works: '/orders' },
  inventory: { at: '/products/storm-lantern-black', says: /.*/, works: '/?q=kettle' },
  profile: { at: '/account', says: dead('Your profile'), works: '/orders' },
  payment: { at: '/orders', says: /.*/, works: '/?q=kettle' },
  order: { at: '/orders', says: dead('The list of your orders'), works: '/?q=kettle' },
  auth: { at: '/sign-in', says: dead('Signing in'), works: '/?q=kettle' },
};

interface ShopOfProcesses extends Visited {
  readonly dataDir: string;
  /** Starts a service that has ended. */
  readonly startAgain: (name: string) => unknown;
}

export const killEachService = async (
  step: Step,
  { browser, origin, complaints, dataDir, startAgain }: ShopOfProcesses,
): Promise<void> => {
  const visitor = await createVisitor(browser, { origin, complaints });
  const { page } = visitor;
  const pidOf = (name: string): number => {
    const file = readFileSync(path.join(dataDir, 'processes/running.json'), 'utf8');
    const running = (JSON.parse(file) as Record<string, { readonly pid: number }>)[name];
    if (!running) throw new Error(`${name} does not run`);
    return running.pid;
  };
  const buy = async (): Promise<void> => {
    await visitor.take('storm-lantern-black');
    await page.goto('/checkout');
    await visitor.order();
    await visitor.atOrder();
    await visitor.heading('Confirmed');
  };
  await visitor.register();
  await step('people buy while every service lives', buy);
  for (const [name, { at, says, works }] of Object.entries(views)) {
    await step(`with ${name} killed, the page says so, and the rest works`, async () => {
      process.kill(pidOf(name), 'SIGKILL');
      await page.goto(at);
      if (name === 'auth') {
        await page.getByLabel('Email address').fill('ada@shop.example');
        await page.getByLabel('Password').fill('whatever it is');
        await page.getByRole('button', { name: 'Sign in' }).click();
      }
      await page.locator('main').getByText(says).first().waitFor();
      await page.goto(works);
      await page.locator('.card a, .rows li, .empty, h1').first().waitFor();
      if (await page.locator('main [role=alert]').count()) throw new Error(`${works} failed, too`);
      if (name === 'notification') await buy();
    });
    await step(`${name} comes back, and so does what needs it`, async () => {
      startAgain(name);
      for (let attempt = 1; ; attempt += 1)
        try {
          return await buy();
        } catch (error) {
          if (attempt === 5) throw error;
        }
    });
  }
  await visitor.context.close();
};

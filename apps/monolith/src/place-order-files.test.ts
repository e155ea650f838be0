import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buy, createShopClient, plentifulProduct, register } from '@bulkhead/app/acceptance/src/client';
import { eventually } from '@bulkhead/testing/eventually';
import { caughtMails } from './testing/caught-mails';
import { countEnteredFiles } from './testing/entered-files';
import { makeDataDir, removeDataDir, startShop } from './testing/running-shop';

/** What these enter is the story that the page tells; the others have no part in an order. */
const told = /^apps\/(gateway|order|product|inventory|payment|notification)\//;
/** Not the order: the world outside, a crash that tests make, and what is set once. */
const untold = /\/simulated-provider\/|\/crash-point\.ts$|\/config\.ts$|\/seed\//;
const idleMs = 3_000;
/** Work that comes now and then falls into one order or another; what an order enters, every order enters. */
const orders = 3;

test('docs/place-order.md names the files that an order and its mail pass through, and no others', async () => {
  const page = readFileSync('docs/place-order.md', 'utf8');
  const documented = [...page.matchAll(/^\| \[`([^`]+)`\]\(\.\.\/([^)]+)\)/gm)].map(([, name, target]) => {
    expect(target).toBe(name);
    return name!;
  });
  const dataDir = await makeDataDir();
  const running = await startShop({ command: 'monolith', dataDir, flags: ['--inspect=127.0.0.1:0'] });
  try {
    const shop = createShopClient(running.origin);
    const person = await register(shop);
    const product = await plentifulProduct(shop);
    const mailFolder = path.join(dataDir, 'mail');
    const mailsOf = async () => (await caughtMails(mailFolder)).filter((mail) => mail.includes(person.email));
    const order = async () => {
      const before = (await mailsOf()).length;
      const { body } = await buy(shop, person, { productId: product.productId });
      await eventually(async () => {
        const { status } = (await shop.call(`/api/v1/orders/${body.id}`, { token: person.token })).body;
        expect({ status, mails: (await mailsOf()).length }).toEqual({
          status: 'confirmed',
          mails: before + 1,
        });
      });
    };
    await eventually(async () => expect((await mailsOf()).length).toBeGreaterThan(0));
    await order();

    const entries = await countEnteredFiles(running.output(), path.resolve('dist/apps/monolith/main.js'));
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const idle = new Set(await entries.take());
    let entered: readonly string[] | undefined;
    for (let count = 0; count < orders; count += 1) {
      await order();
      const files = new Set(await entries.take());
      entered = entered?.filter((file) => files.has(file)) ?? [...files];
    }
    entries.close();
    expect(documented.filter((file) => !entered?.includes(file))).toEqual([]);
    const ofOrder = entered?.filter((file) => told.test(file) && !untold.test(file) && !idle.has(file));
    expect(ofOrder?.filter((file) => !documented.includes(file))).toEqual([]);
  } finally {
    await running.stop();
    await removeDataDir(dataDir);
  }
}, 180_000);

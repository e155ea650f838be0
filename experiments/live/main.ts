import { join } from 'node:path';
import { type Customer, plentifulProducts, registerCustomers } from '../load/customers';
import type { Shop, ShopKind } from '../shop/shop';
import { startShop } from '../shop/start-shop';
import { breakages, createHandle, type Handle, restartAfterMs } from './breakages';
import { startLiveLoad, type Visited } from './live-load';
import { servePage } from './page-server';
import { createRecent } from './recent';
import { watchRecords } from './records';
import { sayHowItIs } from './say-how-it-is';
import { renew, stockUp } from './stock-up';

/** `npm run story`: two shops side by side under the same load, and a page with buttons that break both. */

const seed = 1;
const customersOfEach = 8;
const productsOfEach = 20;
/** Well before access tokens expire. */
const renewEveryMs = 5 * 60_000;
const defaultPort = 3010;
/**
 * As one would set it for a catalog that shows few products a second. The limit finds out by itself, but needs more
 * requests for it than come here; the monolith has its limits off.
 */
const environmentOf = { product: { CONCURRENCY_LIMIT_MIN: '2', CONCURRENCY_LIMIT_MAX: '5' } };

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Watched extends Visited {
  readonly shop: Shop;
  readonly records: ReturnType<typeof watchRecords>;
  renew(): Promise<void>;
  stop(): Promise<void>;
}

async function open(kind: ShopKind): Promise<Watched> {
  const shop = await startShop(kind, { restartAfterMs, environmentOf });
  try {
    const products = await plentifulProducts(shop.origin, productsOfEach);
    await stockUp(shop, products);
    let customers: readonly Customer[] = await registerCustomers(shop.origin, customersOfEach);
    const records = watchRecords(shop);
    return {
      shop,
      origin: shop.origin,
      products,
      customers: () => customers,
      recent: createRecent(() => performance.now()),
      records,
      async renew() {
        customers = await renew(shop.origin, customers);
        await stockUp(shop, products);
      },
      async stop() {
        await records.stop();
        await shop.stop();
      },
    };
  } catch (error) {
    await shop.stop();
    throw error;
  }
}

const look = ({ recent, records }: Watched) => {
  const { of: _, ...numbers } = recent.summary();
  return { ...sayHowItIs(recent.summary(), records.records()), ...numbers, ...records.records() };
};

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('The story breaks shops; it is not for production.');
  /** Set once both shops are up. */
  const running: { shops?: { readonly monolith: Watched; readonly services: Watched }; handle?: Handle } = {};
  const buttons = Object.entries(breakages).map(([name, { button, done }]) => ({ name, button, done }));
  const page = await servePage({
    root: join(__dirname, '..', '..'),
    port: Number(process.env['PORT'] ?? defaultPort),
    state: () => {
      const { shops, handle } = running;
      return shops && handle
        ? { buttons, ...handle.state(), monolith: look(shops.monolith), services: look(shops.services) }
        : { buttons, isStarting: true };
    },
    async act(name) {
      const { handle } = running;
      if (!handle) throw new Error('The shops are still being started.');
      await (name === 'repair' ? handle.repair() : handle.break(name));
    },
  });
  say(`The story is at ${page.address}`);
  say('Two shops are being started, which takes about half a minute …');

  const undo: (() => Promise<unknown>)[] = [() => page.stop()];
  let ending: Promise<void> | undefined;
  const end = (code: number) => {
    ending ??= (async () => {
      for (const step of undo.splice(0).reverse()) await step();
      process.exit(code);
    })();
    return ending;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      // Whoever asks twice does not want to wait until everything is put away.
      if (ending && signal === 'SIGINT') process.exit(130);
      void end(0);
    });

  const opening = Promise.allSettled([open('naive-monolith'), open('services')]);
  undo.push(async () => {
    for (const each of await opening) if (each.status === 'fulfilled') await each.value.stop();
  });
  const opened = await opening;
  if (ending) return ending;
  const failed = opened.find((each) => each.status === 'rejected');
  if (failed) {
    process.stderr.write(`${(failed.reason as Error).stack}\n`);
    return end(1);
  }
  const [monolith, services] = opened.map((each) => (each as PromiseFulfilledResult<Watched>).value) as [
    Watched,
    Watched,
  ];
  const load = startLiveLoad([monolith, services], seed);
  undo.push(() => load.stop());
  running.handle = createHandle({ monolith: monolith.shop, services: services.shop, load });
  running.shops = { monolith, services };
  // People come as long as somebody looks; a story that is left open overnight costs nothing.
  const pausing = setInterval(() => load.setPaused(page.readers() === 0), 1_000);
  // What fails because something is broken just then succeeds the next time; the tokens last for three.
  const renewing = setInterval(() => {
    for (const each of [monolith, services]) void each.renew().catch(() => undefined);
  }, renewEveryMs);
  undo.push(async () => (clearInterval(pausing), clearInterval(renewing)));
  say(`Both shops are up: monolith ${monolith.origin}, services ${services.origin}`);
  say('Ctrl-C ends it and removes its data.');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});

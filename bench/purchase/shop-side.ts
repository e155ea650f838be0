import {
  createShopClient,
  type Person,
  plentifulProducts,
  registerPeople,
} from '@bulkhead/app/acceptance/src/client';
import { makeDataDir, removeDataDir, startShop } from '@bulkhead/app/monolith/src/testing/running-shop';
import { quantile } from '../../experiments/load/samples';
import { send, type Turnout } from '../admission/crowd';
import { treeCpuMs } from '../process-tree';
import { letBuy } from './buyers';

export interface Sale {
  readonly perSecond: number;
  readonly orders: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all processes of the shop for an order, until nothing is left to do for it. */
  readonly cpuMs: number;
}

/** A shop of one build, ready to be bought from again and again. */
export interface ShopSide {
  /** @throws Error when an order was not confirmed in the end */
  sell(buyers: number, seconds: number): Promise<Sale>;
  /** So many readers of the catalog in a closed loop, or so many requests a second. */
  read(crowd: { clients?: number; perSecond?: number; seconds: number }): Promise<Turnout>;
  readonly admin: string;
  stop(): Promise<void>;
}

export interface ShopSideOptions {
  readonly command: 'monolith' | 'services';
  /** The checkout it was built in. */
  readonly root: string;
  readonly buyers: number;
  readonly flags?: readonly string[];
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const products = 12;
/** More than any bench sells. */
const stock = 10_000_000;
const idleMs = 4_000;
const restMs = 500;
const confirmedWithinMs = 60_000;
const restsWithin = 60;
/** What idle processes may take beyond their mean, in ms of CPU time in `restMs`. */
const restCpuMs = 30;

export async function startShopSide(options: ShopSideOptions): Promise<ShopSide> {
  const { command, root, flags = [] } = options;
  const dataDir = await makeDataDir();
  const shop = await startShop({
    command,
    dataDir,
    root,
    flags,
    environment: { NODE_ENV: 'development', LOG_LEVEL: 'error', OPS: 'off', TRACES_RATIO: '0.05' },
  });
  const stop = async () => {
    await shop.stop();
    await removeDataDir(dataDir);
  };
  try {
    const client = createShopClient(shop.origin);
    const chosen = await plentifulProducts(client, products);
    const admin = await signInAdmin(shop.output(), client);
    for (const { sku } of chosen) await fillUp(client, admin, sku);
    const people = await registerPeople(client, options.buyers);
    const productIds = chosen.map(({ productId }) => productId);
    await sleep(idleMs);
    const cpuBefore = treeCpuMs(shop.pid);
    await sleep(idleMs);
    const idleRate = (treeCpuMs(shop.pid) - cpuBefore) / idleMs;

    const rest = async () => {
      for (let looks = 0; looks < restsWithin; looks++) {
        const before = treeCpuMs(shop.pid);
        await sleep(restMs);
        if (treeCpuMs(shop.pid) - before <= idleRate * restMs + restCpuMs) return;
      }
      throw new Error('orders still cause work half a minute later');
    };
    return {
      admin: shop.admin,
      stop,
      read: (crowd) => send({ url: `${shop.origin}/api/v1/products?limit=20`, headers: {}, ...crowd }),
      async sell(buyers, seconds) {
        await rest();
        const cpuAtFirst = treeCpuMs(shop.pid);
        const startedAt = performance.now();
        const tokens = people.slice(0, buyers).map(({ token }: Person) => token);
        const sold = await letBuy({ origin: shop.origin, tokens, productIds, seconds });
        await rest();
        const spentMs = treeCpuMs(shop.pid) - cpuAtFirst - idleRate * (performance.now() - startedAt);
        for (const { orderId, token } of sold.pending) await requireConfirmed(client, orderId, token);
        const orders = sold.servedMs.length;
        return {
          perSecond: sold.perSecond,
          orders,
          refused: sold.refused,
          p50Ms: quantile(sold.servedMs, 0.5),
          p99Ms: quantile(sold.servedMs, 0.99),
          cpuMs: spentMs / orders,
        };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Client = ReturnType<typeof createShopClient>;

/** By the password that the shop printed. */
async function signInAdmin(output: string, client: Client): Promise<string> {
  const [, email, password] = /^ {2}admin +(\S+) +(\S+)$/m.exec(output) ?? [];
  const { status, text } = await client.call('/api/v1/auth/login', {
    method: 'POST',
    json: { email, password },
  });
  if (status !== 200) throw new Error(`the admin's login was answered with ${status}: ${text}`);
  return (JSON.parse(text) as { tokens: { accessToken: string } }).tokens.accessToken;
}

async function fillUp(client: Client, token: string, sku: string): Promise<void> {
  const { status, text } = await client.call(`/api/v1/stock/${sku}/adjustments`, {
    method: 'POST',
    token,
    json: { delta: stock, reason: 'bench' },
  });
  if (status !== 200) throw new Error(`adding stock was answered with ${status}: ${text}`);
}

/** Waits for an order that goes on after its buyer was told so. @throws Error when it does not end, or otherwise */
async function requireConfirmed(client: Client, orderId: string, token: string): Promise<void> {
  const until = performance.now() + confirmedWithinMs;
  for (;;) {
    const { text } = await client.call(`/api/v1/orders/${orderId}`, { token });
    const { state } = JSON.parse(text) as { state: string };
    if (state === 'confirmed') return;
    if (performance.now() > until) throw new Error(`order ${orderId} is ${state}, not confirmed`);
    await sleep(restMs);
  }
}

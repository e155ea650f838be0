/** The shop that runs on this machine, as the checks of `npm run learn` see it: by HTTP, and by what it wrote into its data folder. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';
import { wait } from '../test/processes.ts';
import { Missing } from './missing.mjs';

const dataDir = () => path.resolve(root, process.env.DATA_DIR || '.bulkhead');
const howToStart = 'Start one in a terminal of its own, as the page says, and leave it running.';

/** How long an order may take to be confirmed after its response: on a slow machine the buyer gets 202 first. */
const confirmedWithinMs = 120_000;

const kept = (file) => {
  try {
    return JSON.parse(readFileSync(path.join(dataDir(), file), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') throw new Missing(`No shop has run here yet. ${howToStart}`);
    throw error;
  }
};

/** @returns {Promise<{ status: number | undefined, body: any, ms: number }>} no status: it did not respond within `withinMs` */
const ask = async (
  url,
  { withinMs = 20_000, json, headers = {}, method = json ? 'POST' : 'GET', signal } = {},
) => {
  const startedAt = Date.now();
  const patience = AbortSignal.timeout(withinMs);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...(json && { 'content-type': 'application/json' }), ...headers },
      ...(json && { body: JSON.stringify(json) }),
      signal: signal ? AbortSignal.any([patience, signal]) : patience,
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, ms: Date.now() - startedAt };
  } catch {
    return { status: undefined, body: undefined, ms: Date.now() - startedAt };
  }
};

/** @throws Missing where none runs */
export const findShop = async () => {
  const { origin, processes, broker, mailbox } = kept('places.json');
  const { customerPassword, adminToken } = kept('secrets.json');
  if (!processes) throw new Missing(`The shop that ran here last was of an older version. ${howToStart}`);
  // A shop that stands still is there, too: only nobody at the port means none.
  const isThere = await fetch(processes.gateway.admin, { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    (error) => error.name === 'TimeoutError',
  );
  if (!isThere) throw new Missing(`No shop responds at ${origin}. ${howToStart}`);

  let token;
  const asCustomer = async () => {
    token ??= await login(origin, customerPassword);
    return { authorization: `Bearer ${token}` };
  };
  /** @returns what buys one of the first product that is listed, as the example customer, and asks for nothing else */
  const prepareToBuy = async () => {
    const products = await ask(`${origin}/api/v1/products?limit=1`);
    if (products.status !== 200) throw new Missing(`The shop lists no products (${said(products.status)}).`);
    const json = {
      items: [{ productId: products.body.items[0].productId, quantity: 1 }],
      paymentMethod: 'pm_ok',
    };
    const customer = await asCustomer();
    return (options) =>
      ask(`${origin}/api/v1/orders`, {
        ...options,
        headers: { ...customer, 'idempotency-key': randomUUID() },
        json,
      });
  };
  /** Orders of the example customer, the newest first. */
  const listOrders = async () => {
    const { status, body } = await ask(`${origin}/api/v1/orders?limit=100`, { headers: await asCustomer() });
    if (status !== 200) throw new Missing(`The shop does not list your orders (${said(status)}).`);
    return body.items;
  };
  return {
    origin,
    processes,
    hasBroker: broker !== undefined,
    /** As anybody. */
    get: (target, options) => ask(origin + target, options),
    /** As the example customer, who is also the one of docs/learn/shop.sh. */
    getAsCustomer: async (target) => ask(origin + target, { headers: await asCustomer() }),
    orders: listOrders,
    /**
     * Waits while none is confirmed and some are pending.
     * @returns the newest one that is confirmed, or the one with `id`; undefined where there is none
     */
    async confirmedOrder(id) {
      for (const end = Date.now() + confirmedWithinMs; ; await wait(500)) {
        const orders = (await listOrders()).filter((order) => id === undefined || order.id === id);
        const confirmed = orders.find(({ status }) => status === 'confirmed');
        const isPending = orders.some(({ status }) => status === 'pending');
        if (confirmed || !isPending || Date.now() > end) return confirmed;
      }
    },
    buy: async (options) => (await prepareToBuy())(options),
    prepareToBuy,
    /** What the process of a service measures, as text. */
    metrics: async (service) => (await ask(`${processes[service].admin}/metrics`)).body ?? '',
    /** Faults that are set in the process of a service; undefined where it takes none. */
    async faults(service) {
      const headers = { authorization: `Bearer ${adminToken}` };
      const { status, body } = await ask(`${processes[service].admin}/faults`, { headers });
      return status === 200 ? body.faults : undefined;
    },
    /** Mails that the shop sent about an order, and when they came. */
    mailsAbout: (orderId) =>
      mailsIn(mailbox)
        .filter(({ text }) => text.includes(orderId))
        .map(({ at }) => at),
  };
};

const login = async (origin, password) => {
  const json = { email: 'ada@shop.example', password };
  const { status, body } = await ask(`${origin}/api/v1/auth/login`, { json });
  if (status !== 200) throw new Missing(`The example customer cannot sign in (${said(status)}).`);
  return body.tokens.accessToken;
};

/** Mails with their lines made whole again. */
const mailsIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.eml') && !name.startsWith('.'))
    .map((name) => path.join(folder, name))
    .map((file) => ({
      at: statSync(file).mtimeMs,
      text: readFileSync(file, 'utf8').replace(/=\r?\n/g, ''),
    }));

/** What became of a request, in words. */
export const said = (status) => (status === undefined ? 'no response' : `status ${status}`);

/** The values of a metric's samples whose labels contain all of `labels`. */
export const valuesOf = (metrics, name, labels = []) =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .map((line) => Number(/\} (\S+)/.exec(line)[1]));

export const sumOf = (...metric) => valuesOf(...metric).reduce((sum, value) => sum + value, 0);

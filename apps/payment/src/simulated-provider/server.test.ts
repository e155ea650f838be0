import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import type { SimulatedCharge } from '../providers/simulated';
import { isSignedWebhook } from '../providers/webhook-signature';
import {
  type SimulatedProviderOptions,
  type SimulatedProviderServer,
  startSimulatedProvider,
} from './server';

const webhookSecret = 'a secret for webhooks in tests';
let open: SimulatedProviderServer[] = [];
afterEach(async () => {
  await Promise.all(open.map((provider) => provider.stop()));
  open = [];
});
async function start(options: Partial<SimulatedProviderOptions> = {}) {
  const provider = await startSimulatedProvider({ port: 0, clock: systemClock, webhookSecret, ...options });
  open.push(provider);
  const post = async (target: string, body: object, key: string = randomUUID()) => {
    const answer = await fetch(`${provider.url}${target}`, {
      method: 'POST',
      headers: { 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as SimulatedCharge };
  };
  const charge = (orderId = randomUUID(), key?: string) =>
    post('/charges', { orderId, amount: 100, currency: 'EUR', paymentMethod: 'pm_ok' }, key);
  return { provider, post, charge };
}

test('one key is one effect; another key is another, so that a shop which repeats itself is found out', async () => {
  const { provider, charge } = await start();
  const orderId = randomUUID();
  const [first, again] = [await charge(orderId, 'a'), await charge(orderId, 'a')];
  expect(again).toEqual(first);
  await charge(orderId, 'b');
  expect(provider.charges()).toHaveLength(2);
});

test('its book survives a restart, keys included', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-provider-'));
  try {
    const bookFile = path.join(folder, 'book.ndjson');
    const first = await start({ bookFile });
    const orderId = randomUUID();
    const made = await first.charge(orderId, 'key');
    await first.post(`/charges/${made.body.id}/capture`, { amount: 100 });
    await first.provider.stop();
    const second = await start({ bookFile });
    expect(second.provider.charges()).toMatchObject([{ orderId, status: 'captured', captured: 100 }]);
    expect(await second.charge(orderId, 'key')).toEqual(made);
    expect(second.provider.charges()).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('its book is bounded: the oldest charges that have ended go first, open ones stay', async () => {
  const { provider, post, charge } = await start({ maxCharges: 3 });
  const held = await charge();
  for (let i = 0; i < 5; i++) {
    const { body } = await charge();
    await post(`/charges/${body.id}/capture`, { amount: 100 });
  }
  const charges = provider.charges();
  expect(charges).toHaveLength(3);
  expect(charges[0]!.id).toBe(held.body.id);
});

test('sends a signed webhook for each change, twice if configured, and repeats it until it is accepted', async () => {
  const heard: { id: string; status: string }[] = [];
  let refuse = 1;
  const shop = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const signed = isSignedWebhook(
        request.headers['webhook-signature'] as string,
        body,
        webhookSecret,
        Date.now(),
      );
      const refused = !signed || refuse-- > 0;
      if (!refused) {
        const event = JSON.parse(body.toString()) as { id: string; charge: SimulatedCharge };
        heard.push({ id: event.id, status: event.charge.status });
      }
      response.writeHead(refused ? 503 : 200).end();
    });
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  try {
    const { provider, post, charge } = await start({
      webhookUrl: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`,
    });
    const { body } = await charge();
    await eventually(() => heard.length === 1);
    provider.control({ webhooks: { delayMs: 0, duplicate: true } });
    await post(`/charges/${body.id}/void`, {});
    await eventually(() => heard.length === 3);
    expect(heard.map(({ status }) => status)).toEqual(['authorised', 'voided', 'voided']);
    expect(heard[1]!.id).toBe(heard[2]!.id);
  } finally {
    shop.closeAllConnections();
    await new Promise((resolve) => shop.close(resolve));
  }
});

test('a refund has a life of its own: pending, succeeded, and failed even after that', async () => {
  const { provider, post, charge } = await start();
  const { body } = await charge();
  await post(`/charges/${body.id}/capture`, { amount: 100 });
  provider.control({ refunds: 'pending' });
  const refund = { amount: 70, refundId: 'ours' };
  const { refunds } = (await post(`/charges/${body.id}/refunds`, refund)).body;
  expect(refunds).toMatchObject([{ refundId: 'ours', amount: 70, status: 'pending', failure: null }]);
  expect((await post(`/charges/${body.id}/refunds`, { amount: 40 })).body).toEqual({
    error: 'refund_exceeds_capture',
  });
  provider.settleRefund(refunds[0]!.id, 'succeeded');
  expect(provider.charges()[0]).toMatchObject({ refunded: 70 });
  provider.settleRefund(refunds[0]!.id, 'failed');
  expect(provider.charges()[0]).toMatchObject({ refunded: 0, refunds: [{ status: 'failed' }] });
});

test('misbehaves as configured, and rejects an invalid configuration', async () => {
  const { provider, charge } = await start();
  const control = (body: object) =>
    fetch(`${provider.url}/control`, { method: 'PUT', body: JSON.stringify(body) });
  expect((await control({ errorShare: 1 })).status).toBe(200);
  expect((await charge()).status).toBe(500);
  expect((await control({ declineShare: 1 })).status).toBe(200);
  expect((await charge()).body.status).toBe('declined');
  expect((await control({ declineShare: 2 })).status).toBe(422);
  expect((await control({ unknown: true })).status).toBe(422);
  expect((await charge()).body.status).toBe('declined');
});

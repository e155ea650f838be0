import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express, { type Request, type Response } from 'express';
import { type Client, createClient, type ClientOptions } from './client';
import { ProblemError, ShopUnreachable } from './problem-error';

/** A server that answers each path with its next prepared response, and notes what it was asked. */
const asked: { method: string; url: string; headers: Request['headers']; body: unknown }[] = [];
let prepared: ((request: Request, response: Response) => void)[] = [];
const app = express().use(express.json(), (request, response) => {
  const { method, url, headers } = request;
  asked.push({ method, url, headers, body: request.body as unknown });
  const next = prepared.shift();
  if (next) next(request, response);
  else response.status(500).end();
});
let server: Server;
let origin: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => (server = app.listen(0, '127.0.0.1', () => resolve())));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
  prepared = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const client = (options: Partial<ClientOptions> = {}): Client => createClient({ origin, ...options });
const answer =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  (_: Request, response: Response) =>
    void response
      .status(status)
      .set({ 'content-type': status < 400 ? 'application/json' : 'application/problem+json', ...headers })
      .end(JSON.stringify(body));
const refusal = (status: number, slug: string, members: object = {}, headers: Record<string, string> = {}) =>
  answer(status, { type: `urn:bulkhead:problem:${slug}`, title: slug, status, ...members }, headers);
const order = { body: { items: [{ productId: 'p', quantity: 1 }], paymentMethod: 'pm_ok' } };

describe('a request', () => {
  it('goes to its path with its parameters, body and token', async () => {
    prepared = [answer(200, { items: [] }), answer(201, { id: 'o' })];
    const shop = client({ token: () => 'secret' });
    await shop.call('get', '/api/v1/search', { query: { q: 'a&b', inStock: true } });
    const bought = await shop.call('post', '/api/v1/orders', order);
    expect(bought).toMatchObject({ status: 201, body: { id: 'o' } });
    expect(asked).toMatchObject([
      {
        method: 'GET',
        url: '/api/v1/search?q=a%26b&inStock=true',
        headers: { authorization: 'Bearer secret' },
      },
      { method: 'POST', url: '/api/v1/orders', body: order.body },
    ]);
  });

  it('is sent again with the same idempotency key, after the pause that the shop asks for', async () => {
    prepared = [
      refusal(503, 'unavailable', {}, { 'retry-after': '0' }),
      refusal(409, 'idempotency-in-progress', {}, { 'retry-after': '0' }),
      answer(201, { id: 'o' }),
    ];
    expect((await client().call('post', '/api/v1/orders', order)).status).toBe(201);
    const keys = asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that may have been carried out is not sent again where that could do it twice', async () => {
    prepared = [refusal(503, 'unavailable', {}, { 'retry-after': '0' })];
    const json = { email: 'a@example.com', password: 'long enough', name: 'Ada' };
    await expect(client().call('post', '/api/v1/auth/register', { body: json })).rejects.toThrow(
      ProblemError,
    );
    expect(asked).toHaveLength(1);
  });

  it('is given up after so many attempts, and at once where the pause would be too long', async () => {
    prepared = Array.from({ length: 9 }, () => refusal(503, 'unavailable', {}, { 'retry-after': '0' }));
    await expect(client({ attempts: 3 }).call('get', '/api/v1/products')).rejects.toMatchObject({
      status: 503,
    });
    expect(asked).toHaveLength(3);
    prepared = [refusal(429, 'rate-limited', {}, { 'retry-after': '3600' })];
    await expect(client().call('get', '/api/v1/products')).rejects.toMatchObject({ slug: 'rate-limited' });
    expect(asked).toHaveLength(4);
  });

  it('fails with a problem whose members have types', async () => {
    const total = { amount: 2_190, currency: 'EUR' };
    prepared = [refusal(409, 'price-changed', { total, instance: 'r1' })];
    const error = await client()
      .call('post', '/api/v1/orders', order)
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof ProblemError) || !error.is('price-changed')) throw new Error('another problem');
    expect(error.problem.total.amount).toBe(2_190);
    expect([error.requestId, error.is('out-of-stock')]).toEqual(['r1', false]);
  });

  it('fails otherwise where no response comes', async () => {
    prepared = [(request) => void request.socket.destroy()];
    const failed = client({ attempts: 1 }).call('get', '/api/v1/products');
    await expect(failed).rejects.toThrow(ShopUnreachable);
  });
});

describe('a stream', () => {
  const orderEvents = '/api/v1/orders/{orderId}/events';
  const begin = (response: Response) => response.set('content-type', 'text/event-stream');
  const transition = (id: number) => `id: ${id}\nevent: transition\ndata: {"sequence":${id}}\n\n`;

  it('that breaks off goes on after the last event, and none comes twice', async () => {
    prepared = [
      (_, response) => {
        begin(response).write(`${transition(1)}: heartbeat\n\n${transition(2)}id: 3\nevent: tran`);
        setImmediate(() => response.socket?.destroy());
      },
      (_, response) => void begin(response).end(transition(3) + transition(4)),
      (_, response) => void begin(response).end(),
    ];
    const seen: number[] = [];
    for await (const { event, data } of client().follow(orderEvents, { path: { orderId: 'o' } })) {
      expect(event).toBe('transition');
      seen.push(data.sequence);
    }
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '4']);
  });

  it('that is refused fails with the problem, and one that cannot be opened is given up', async () => {
    prepared = [refusal(404, 'not-found')];
    const follow = () =>
      client({ attempts: 2 })
        .follow(orderEvents, { path: { orderId: 'o' } })
        .next();
    await expect(follow()).rejects.toMatchObject({ slug: 'not-found' });
    prepared = [(request) => void request.socket.destroy(), (request) => void request.socket.destroy()];
    await expect(follow()).rejects.toThrow(ShopUnreachable);
    expect(asked).toHaveLength(3);
  });

  it('ends when nobody wants it any more', async () => {
    prepared = [(_, response) => void begin(response).write(transition(1))];
    const enough = new AbortController();
    const seen: string[] = [];
    const request = { path: { orderId: 'o' }, signal: enough.signal };
    for await (const { id } of client().follow(orderEvents, request)) {
      seen.push(id);
      enough.abort();
    }
    expect(seen).toEqual(['1']);
  });
});

it('makes keys for the operations that take them', () => {
  const file = path.join(__dirname, '../../contracts/openapi.snapshot.json');
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, any> };
  const taking = Object.entries(paths)
    .filter(([, { post }]) =>
      post?.parameters?.some(({ name }: { name: string }) => name === 'Idempotency-Key'),
    )
    .map(([place]) => place);
  const source = readFileSync(path.join(__dirname, 'client.ts'), 'utf8');
  for (const place of taking) expect(source).toContain(`  '${place}',\n`);
  expect(taking.length).toBe(3);
});

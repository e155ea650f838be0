import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  makeDataDir,
  removeDataDir,
  type RunningShop,
  startShop,
} from '@bulkhead/app/monolith/src/testing/running-shop';
import { arrivals, constant } from './arrivals';
import { createMeasurements, percentileMs, total } from './measurements';
import { runOpenLoop } from './open-loop';
import { judge } from './report';
import { runScenario } from './run-scenario';
import { scenarios } from './scenarios/all';
import { createShop } from './shop';

const scenario = (name: string) => scenarios.find((candidate) => candidate.name === name)!;

describe('load on a shop that runs', () => {
  let shop: RunningShop;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await makeDataDir();
    shop = await startShop({ command: 'monolith', dataDir });
  }, 150_000);
  afterAll(async () => {
    await shop.stop();
    await removeDataDir(dataDir);
  }, 60_000);

  it('buys, and follows every order to its end', async () => {
    const result = await runScenario({
      scenario: scenario('buy'),
      origin: shop.origin,
      rate: 10,
      seconds: 6,
    });
    const order = result.measurements.operation('order');
    const settled = result.measurements.operation('settled');
    expect([...result.measurements.reasons]).toEqual([]);
    expect(total(order)).toBe(result.loop.started);
    expect(total(settled) + order.counts['out-of-stock'] + order.counts.shed).toBe(result.loop.started);
    expect(settled.counts.declined).toBeGreaterThan(0);
    expect(settled.counts.ok).toBeGreaterThan(result.loop.started / 2);
    expect(settled.latency.min).toBeGreaterThanOrEqual(order.latency.min);
  }, 90_000);

  it('looks at the catalog, searches and products', async () => {
    const result = await runScenario({
      scenario: scenario('browse'),
      origin: shop.origin,
      rate: 20,
      seconds: 3,
    });
    for (const kind of ['catalog list', 'search', 'product page'])
      expect(result.measurements.operation(kind).counts.ok).toBeGreaterThan(0);
    expect([...result.measurements.reasons]).toEqual([]);
  }, 60_000);

  it('sells in a flash sale what there is and no more', async () => {
    const result = await runScenario({
      scenario: scenario('flash-sale'),
      origin: shop.origin,
      rate: 40,
      seconds: 6,
    });
    expect(result.problems).toEqual([]);
    expect(result.measurements.operation('settled').counts.ok).toBeGreaterThan(0);
    expect(result.measurements.operation('order').counts['out-of-stock']).toBeGreaterThan(0);
  }, 90_000);
});

describe('what is measured', () => {
  let server: Server;
  const serve = async (listener: RequestListener) => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('distinguishes business rejections, shed requests and failures', async () => {
    const responses = [
      [200, ''],
      [304, ''],
      [402, 'payment-declined'],
      [409, 'out-of-stock'],
      [409, 'price-changed'],
      [429, 'rate-limited'],
      [503, 'unavailable'],
      [500, 'internal'],
    ] as const;
    const origin = await serve((request, response) => {
      const [status, type] = responses[Number(request.url!.slice(1))] ?? [0, ''];
      if (status === 0) return void request.socket.destroy();
      response.writeHead(status, { 'content-type': 'application/problem+json' });
      response.end(
        status === 304 ? undefined : JSON.stringify({ type: `https://shop.example/problems/${type}` }),
      );
    });
    const measurements = createMeasurements(1);
    const shop = createShop(origin, measurements);
    for (let index = 0; index <= responses.length; index++)
      await shop.call('x', performance.now(), { path: `/${index}` });
    await shop.close();
    expect(measurements.operation('x').counts).toEqual({
      ok: 2,
      declined: 1,
      'out-of-stock': 1,
      limited: 1,
      shed: 1,
      failed: 3,
    });
  });

  it('counts a pause of the server for everyone who came during it', async () => {
    let pausedUntil = 0;
    const origin = await serve((_request, response) => {
      setTimeout(() => response.end(), Math.max(0, pausedUntil - performance.now()));
    });
    const measurements = createMeasurements(2);
    const shop = createShop(origin, measurements, 4);
    setTimeout(() => (pausedUntil = performance.now() + 600), 500);
    const { started } = await runOpenLoop({
      arrivals: arrivals([constant(100, 2)]),
      maxUnderWay: 1_000,
      start: async (dueAt) => void (await shop.call('x', dueAt, { path: '/' })),
    });
    await shop.close();
    expect(started).toBe(200);
    // 60 of 200 came while it stood still, and waited 300 ms on average; only 4 connections saw it directly.
    expect(percentileMs(measurements.operation('x').latency, 0.85)).toBeGreaterThan(150);
  });

  it('says so when the shop hangs and arrivals could not be started', async () => {
    const origin = await serve((_request, response) => void setTimeout(() => response.end(), 1_000));
    const measurements = createMeasurements(1);
    const shop = createShop(origin, measurements);
    const loop = await runOpenLoop({
      arrivals: arrivals([constant(50, 1)]),
      maxUnderWay: 10,
      start: async (dueAt) => void (await shop.call('x', dueAt, { path: '/' })),
    });
    await shop.close();
    expect(loop.started + loop.dropped).toBe(50);
    expect(loop.dropped).toBeGreaterThan(0);
    const { passed } = judge({
      scenario: { ...scenario('browse'), thresholds: [] },
      rate: 50,
      seconds: 1,
      measurements,
      loop,
      problems: [],
    });
    expect(passed).toBe(false);
  });
});

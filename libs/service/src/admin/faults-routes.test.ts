import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createFaults, type Faults } from '@bulkhead/resilience/faults';
import { createMetrics } from '@bulkhead/telemetry/metrics';
import { ConfigError } from '../config';
import { refuseInProduction } from '../runtime/base-config';
import { createAdminApp } from './admin-app';
import { createFaultsRoutes } from './faults-routes';
import { observeFaults } from './observe-faults';

const adminToken = 'a-token-for-the-admin-port';
const servers: Server[] = [];
const lines: [object, string][] = [];

async function start(enabled = true) {
  const metrics = createMetrics({ service: 'order' });
  const logger = { warn: (fields: object, message: string) => lines.push([fields, message]) };
  const clock = createVirtualClock();
  const faults: Faults = createFaults({ clock, enabled, observer: observeFaults(metrics, logger as never) });
  const app = createAdminApp({
    started: () => true,
    unready: () => [],
    metrics,
    routes: [createFaultsRoutes({ faults, adminToken })],
  });
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = async (method: string, body?: unknown, token: string | undefined = adminToken) => {
    const response = await fetch(`${origin}/faults`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  return { call, faults, clock, metrics };
}

const slow = {
  id: 'slow-payment',
  target: { kind: 'peer', name: 'payment' },
  effect: { type: 'latency', latency: { distribution: 'fixed', ms: 10_000 } },
  share: 0.5,
  durationMs: 30_000,
};

afterEach(() => {
  lines.length = 0;
  for (const server of servers.splice(0)) server.close();
});

describe('faults on the admin port', () => {
  it('are set, listed with the time they have left, and ended', async () => {
    const { call, clock } = await start();
    expect((await call('PUT', { faults: [slow] })).status).toBe(200);
    await clock.advance(10_000);
    expect((await call('GET')).body).toEqual({ faults: [{ ...slow, remainingMs: 20_000, struck: 0 }] });
    expect((await call('DELETE')).status).toBe(204);
    expect((await call('GET')).body).toEqual({ faults: [] });
  });

  it('end by themselves', async () => {
    const { call, clock } = await start();
    await call('PUT', { faults: [slow] });
    await clock.advance(30_000);
    expect((await call('GET')).body).toEqual({ faults: [] });
  });

  it.each(['PUT', 'GET', 'DELETE'])('need the admin token (%s)', async (method) => {
    const { call, faults } = await start();
    for (const token of ['', 'another-token-of-some-length', `${adminToken}x`]) {
      const { status, type, headers, body } = await call(
        method,
        method === 'PUT' ? { faults: [slow] } : undefined,
        token,
      );
      expect({ status, type, body }).toMatchObject({
        status: 401,
        type: expect.stringContaining('application/problem+json'),
        body: { type: 'urn:bulkhead:problem:unauthenticated', status: 401 },
      });
      expect(headers.get('www-authenticate')).toContain('Bearer');
    }
    expect(faults.list()).toEqual([]);
  });

  it.each([
    ['an unknown field', { faults: [{ ...slow, extra: 1 }] }, '/faults/0'],
    ['no end', { faults: [{ ...slow, durationMs: undefined }] }, '/faults/0/durationMs'],
    ['an unknown effect', { faults: [{ ...slow, effect: { type: 'explode' } }] }, '/faults/0/effect/type'],
    ['an unknown place', { faults: [{ ...slow, target: { kind: 'disk' } }] }, '/faults/0/target/kind'],
    ['no list', {}, '/faults'],
  ])('are refused with what is wrong (%s)', async (_name, body, pointer) => {
    const { call } = await start();
    const response = await call('PUT', body);
    expect(response.status).toBe(422);
    expect(response.type).toContain('application/problem+json');
    expect(response.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('are refused beyond their bounds with a sentence, and what is no JSON with 400', async () => {
    const { call } = await start();
    const tooLong = await call('PUT', { faults: [{ ...slow, durationMs: 3_600_000 }] });
    expect(tooLong).toMatchObject({
      status: 422,
      body: { detail: 'slow-payment: durationMs must be between 1 and 600000.' },
    });
    expect((await call('PUT', '{')).status).toBe(400);
    expect((await call('PATCH')).status).toBe(405);
  });

  it('are seen in a metric and in a line of the log', async () => {
    const { call, faults, metrics } = await start();
    await call('PUT', { faults: [{ ...slow, effect: { type: 'reset' }, share: 1 }] });
    await faults.around({ kind: 'peer', name: 'payment.capture' }, async () => 1).catch(() => undefined);
    const text = await metrics.expose();
    expect(text).toMatch(/faults_active\{[^}]*kind="peer"[^}]*effect="reset"[^}]*\} 1/);
    expect(text).toMatch(/faults_struck_total\{[^}]*kind="peer"[^}]*effect="reset"[^}]*\} 1/);
    await call('DELETE');
    expect(await metrics.expose()).toMatch(/faults_active\{[^}]*effect="reset"[^}]*\} 0/);
    expect(lines.map(([, message]) => message)).toEqual(['injected fault started', 'injected fault ended']);
  });

  it('are not there where they are switched off', async () => {
    const { call } = await start(false);
    const response = await call('PUT', { faults: [slow] });
    expect(response).toMatchObject({ status: 404, body: { detail: expect.stringContaining('FAULTS=on') } });
  });

  it('are refused in production, and without a token, with a sentence', () => {
    expect(() => refuseInProduction('production', { FAULTS: true, ADMIN_TOKEN: adminToken })).toThrow(
      new ConfigError('FAULTS=on is refused where NODE_ENV=production.'),
    );
    expect(() => refuseInProduction('development', { FAULTS: true })).toThrow(/FAULTS=on needs ADMIN_TOKEN/);
    expect(() => refuseInProduction('development', { FAULTS: true, ADMIN_TOKEN: adminToken })).not.toThrow();
  });
});

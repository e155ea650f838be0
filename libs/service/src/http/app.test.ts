import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { Id, text } from '@bulkhead/contracts/primitives';
import { deadlineHeader } from '@bulkhead/resilience/deadline';
import { eventually } from '@bulkhead/testing/eventually';
import express from 'express';
import supertest from 'supertest';
import { z } from 'zod';
import { problem } from '../errors';
import type { ServiceDefinition } from '../service';
import { startTestService, type TestService } from '../testing/test-service';
import { implement, implementStream } from './operation';

const Item = z.object({ id: Id, name: z.string() });
const base = { tag: 'test', summary: 'test', priority: 'buy' } as const;
const putItem = defineEndpoint({
  ...base,
  operationId: 'putItem',
  method: 'put',
  path: '/items/{itemId}',
  access: { kind: 'public' },
  params: z.object({ itemId: Id }),
  query: z.object({ dry: z.enum(['yes', 'no']).optional() }),
  body: z.object({ name: text(1, 20), nested: z.strictObject({ size: z.int().min(1).max(9) }).optional() }),
  responses: { 200: { description: 'ok', schema: Item } },
});
const ownItem = defineEndpoint({
  ...base,
  operationId: 'ownItem',
  method: 'get',
  path: '/own',
  access: { kind: 'user' },
  responses: { 200: { description: 'ok', schema: z.object({ userId: z.string() }) } },
});
const adminItem = defineEndpoint({
  ...base,
  operationId: 'adminItem',
  method: 'get',
  path: '/admin',
  access: { kind: 'role', role: 'admin' },
  responses: { 204: { description: 'ok' } },
});
const internalItem = defineEndpoint({
  ...base,
  operationId: 'internalItem',
  method: 'get',
  path: '/internal/item',
  access: { kind: 'service', callers: ['order'] },
  responses: { 204: { description: 'ok' } },
});
const slow = defineEndpoint({
  ...base,
  operationId: 'slow',
  method: 'get',
  path: '/slow',
  access: { kind: 'public' },
  responses: { 204: { description: 'ok' } },
});
const glance = defineEndpoint({
  ...base,
  priority: 'browse',
  operationId: 'glance',
  method: 'get',
  path: '/glance',
  access: { kind: 'public' },
  responses: { 204: { description: 'ok' } },
});
const gated = defineEndpoint({
  ...base,
  operationId: 'gated',
  method: 'get',
  path: '/gated',
  access: { kind: 'public' },
  responses: { 204: { description: 'ok' } },
});
const leaving = defineEndpoint({
  ...base,
  operationId: 'leaving',
  method: 'get',
  path: '/leaving',
  access: { kind: 'user' },
  deprecated: { since: '2026-11-30', sunset: '2027-05-31', successor: '/glance' },
  responses: { 204: { description: 'ok' } },
});
const broken = defineEndpoint({
  ...base,
  operationId: 'broken',
  method: 'get',
  path: '/broken/{how}',
  params: z.object({ how: z.enum(['throws', 'lies', 'conflicts']) }),
  access: { kind: 'public' },
  responses: { 200: { description: 'ok', schema: Item } },
});
const ticks = defineEndpoint({
  ...base,
  operationId: 'ticks',
  method: 'get',
  path: '/ticks',
  access: { kind: 'public' },
  stream: true,
  responses: { 200: { description: 'ticks', contentType: 'text/event-stream' } },
});

/** Blocks requests until a test opens it. */
const gate = Promise.withResolvers<void>();

const definition: ServiceDefinition = {
  name: 'product',
  config: z.object({}),
  peers: [],
  database: false,
  create: ({ clock }) => ({
    configure(app) {
      app.use('/by-hand', express.urlencoded());
      app.use((request, response, next) => {
        response.setHeader('x-own-middleware', request.method);
        if (request.headers['x-blocked']) throw problem('forbidden', 'Blocked.');
        next();
      });
      app.get('/by-hand/:name', (request, response) => void response.send(request.params.name));
    },
    operations: [
      implement(putItem, async ({ params, body }) => ({
        status: 200,
        body: { id: params.itemId, name: body.name },
      })),
      implement(ownItem, async (_request, { user }) => ({ status: 200, body: { userId: user.id } })),
      implement(adminItem, async () => ({ status: 204 })),
      implement(internalItem, async () => ({ status: 204 })),
      implement(slow, async (_request, { signal }) => {
        await clock.sleep(60_000, signal);
        return { status: 204 };
      }),
      implement(glance, async () => ({ status: 204 })),
      implement(leaving, async () => ({ status: 204 })),
      implement(gated, async () => {
        await gate.promise;
        return { status: 204 };
      }),
      implement(broken, async ({ params }) => {
        if (params.how === 'throws') throw new Error('a secret of the inside');
        if (params.how === 'conflicts') throw problem('conflict', 'It is taken.');
        return { status: 200, body: { id: 'not a uuid', name: 'x' } };
      }),
      implementStream(ticks, async (_request, _context, stream) => {
        const from = Number(stream.lastEventId ?? '0');
        for (let id = from + 1; id <= from + 3; id++) await stream.send({ id: String(id), data: { id } });
      }),
    ],
  }),
};

const itemId = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
let service: TestService;
let headers: Record<string, string>;

beforeAll(async () => {
  service = await startTestService(definition);
  headers = await service.anonymous();
});
afterAll(() => service.stop());

const http = () => supertest(service.origin);
const put = (body: string | object, extra: Record<string, string> = {}) =>
  http()
    .put(`/items/${itemId}`)
    .set({ ...headers, 'content-type': 'application/json', ...extra })
    .send(body);

describe('a request', () => {
  it('means the same by whatever encoding of its path it comes', async () => {
    const one = await put({ name: 'kettle' });
    const other = await http()
      .put(`/items/${itemId.replace('0', '%30')}?dry=yes`)
      .set({ ...headers, 'content-type': 'application/json' })
      .send({ name: 'kettle' });
    expect([other.status, other.body]).toEqual([200, one.body]);
    expect((await http().get('/broken/conflicts').set(headers)).status).toBe(409);
    expect((await http().get('/broken/confl%69cts').set(headers)).status).toBe(409);
    const head = await http().head('/broken/conflicts').set(headers);
    expect([head.status, head.text]).toEqual([409, undefined]);
    for (const path of ['//items/x', '/items', `/items/${itemId}/`, '/Broken/conflicts', '/'])
      expect((await http().put(path).set(headers)).status).toBe(404);
  });

  it('is answered with JSON, its id and security headers', async () => {
    const answer = await put({ name: 'kettle' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ id: itemId, name: 'kettle' });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });

  it('gets every error with a JSON pointer', async () => {
    const answer = await put({ name: '', extra: 1, nested: { size: 10, more: true } });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.type).toBe('urn:bulkhead:problem:invalid-request');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      '/body/extra',
      '/body/name',
      '/body/nested/more',
      '/body/nested/size',
    ]);
  });

  it.each([
    ['broken JSON', '{"name":', {}, 400],
    ['a body that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), {}, 400],
    ['another content type', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another charset', '{"name":"x"}', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['a compressed body', '{"name":"x"}', { 'content-encoding': 'gzip' }, 415],
    ['a NUL in a text', '{"name":"a\\u0000b"}', {}, 422],
    ['a lone surrogate', '{"name":"\\ud800"}', {}, 422],
    ['an own __proto__', '{"name":"x","__proto__":{"admin":true}}', {}, 422],
    ['no object', '[]', {}, 422],
    ['a body over the limit', JSON.stringify({ name: 'x'.repeat(200_000) }), {}, 413],
  ])('with %s is refused', async (_what, body, extra, status) => {
    const answer = await new Promise<{ status: number; type: string | undefined }>((resolve, reject) => {
      const request = httpRequest(
        `${service.origin}/items/${itemId}`,
        { method: 'PUT', headers: { ...headers, 'content-type': 'application/json', ...extra } },
        (response) => {
          response.resume();
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] });
        },
      );
      request.on('error', reject);
      request.end(Buffer.from(body, 'latin1'));
    });
    expect(answer).toEqual({ status, type: 'application/problem+json' });
  });

  it.each([
    ['an unknown parameter', '?surprise=1', 422],
    ['a parameter given twice', '?dry=yes&dry=no', 422],
    ['a broken encoding in the query', '?dry=%ff', 400],
    ['a wrong value', '?dry=perhaps', 422],
  ])('with %s is refused', async (_what, query, status) => {
    const answer = await http().put(`/items/${itemId}${query}`).set(headers).send({ name: 'x' });
    expect(answer.status).toBe(status);
  });

  it('to an unknown path is not found, with an unknown method not allowed', async () => {
    expect((await http().get('/nothing').set(headers)).status).toBe(404);
    const answer = await http().delete(`/items/${itemId}`).set(headers);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('PUT, OPTIONS');
    const options = await http().options('/slow').set(headers);
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS']);
    const slashed = await http().get('/slow/').set(headers);
    expect([slashed.status, slashed.body.detail]).toEqual([404, expect.stringContaining('end with a slash')]);
  });

  it('with a path that is not valid UTF-8 is malformed', async () => {
    expect((await http().put('/items/%ff').set(headers).send({ name: 'x' })).status).toBe(400);
  });

  it('of a whole address means its path, whatever its host is', async () => {
    const { port } = new URL(service.origin);
    const statusOf = (target: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = httpRequest({ port, host: '127.0.0.1', path: target, headers, agent: false });
        request.on('response', (response) => resolve(response.resume().statusCode));
        request.on('error', reject).end();
      });
    expect(await statusOf('http://shop/glance?x=1')).toBe(422);
    expect(await statusOf('http://shop/glance')).toBe(204);
    expect(await statusOf('http://[::/glance')).toBe(204);
    expect(await statusOf('http://shop?x=1')).toBe(404);
  });

  it('that Node cannot parse still gets a problem', async () => {
    const { port } = new URL(service.origin);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
    });
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('urn:bulkhead:problem:malformed-request');
  });
});

describe('what a service adds to its Express app', () => {
  it('stands before its operations, and may have routes of its own', async () => {
    const answer = await put({ name: 'kettle' });
    expect([answer.status, answer.headers['x-own-middleware']]).toEqual([200, 'PUT']);
    const byHand = await http().get('/by-hand/kettle');
    expect([byHand.status, byHand.text]).toEqual([200, 'kettle']);
    expect(byHand.headers['etag']).toBeUndefined();
  });

  it('is answered with a problem for what it throws, and measured', async () => {
    const answer = await http()
      .get('/own')
      .set({ ...headers, 'x-blocked': 'yes' });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ type: 'urn:bulkhead:problem:forbidden', detail: 'Blocked.' });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const large = await http().post('/by-hand/kettle').set(form).send('x'.repeat(200_000));
    expect([large.status, large.body.type]).toEqual([413, 'urn:bulkhead:problem:content-too-large']);
    expect(await service.metrics()).toMatch(
      /^http_server_request_duration_seconds_count\{\S*route="unmatched",status="403"\S* [1-9]/m,
    );
  });
});

describe('access', () => {
  it('needs a service token, whoever the user is', async () => {
    expect((await http().get('/own')).status).toBe(401);
    expect((await http().get('/own').set('x-service-token', 'made-up')).status).toBe(403);
  });

  it('to a user’s address needs their token, and gives their id', async () => {
    expect((await http().get('/own').set(headers)).status).toBe(401);
    const answer = await http()
      .get('/own')
      .set(await service.as(itemId));
    expect(answer.body).toEqual({ userId: itemId });
  });

  it('to an admin’s address needs the role', async () => {
    expect(
      (
        await http()
          .get('/admin')
          .set(await service.as(itemId))
      ).status,
    ).toBe(403);
    expect(
      (
        await http()
          .get('/admin')
          .set(await service.as(itemId, ['admin']))
      ).status,
    ).toBe(204);
  });

  it('to an internal address is for the named services only', async () => {
    const asked = async (name: 'order' | 'search' | 'gateway') =>
      (
        await http()
          .get('/internal/item')
          .set(await service.asService(name))
      ).status;
    expect(await asked('order')).toBe(204);
    expect(await asked('search')).toBe(403);
    expect(await asked('gateway')).toBe(403);
  });

  it('to a user’s address is through the gateway only', async () => {
    const user = await service.as(itemId);
    expect(
      (
        await http()
          .get('/own')
          .set({ ...user, ...(await service.asService('order')) })
      ).status,
    ).toBe(403);
  });
});

describe('an operation that is deprecated', () => {
  it('says so in every response, with what takes its place', async () => {
    const notes = {
      deprecation: `@${Date.UTC(2026, 10, 30) / 1000}`,
      sunset: 'Mon, 31 May 2027 00:00:00 GMT',
      link: '</glance>; rel="successor-version"',
    };
    const refused = await http().get('/leaving').set(headers);
    expect(refused).toMatchObject({ status: 401, headers: notes });
    const asked = await http()
      .get('/leaving')
      .set(await service.as(itemId));
    expect(asked).toMatchObject({ status: 204, headers: notes });
    expect((await http().get('/glance').set(headers)).headers['deprecation']).toBeUndefined();
  });
});

describe('a failure', () => {
  it('shows nothing of the inside', async () => {
    const answer = await http().get('/broken/throws').set(headers);
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(answer.body.instance).toBe(answer.headers['x-request-id']);
  });

  it('with a slug of its own keeps it', async () => {
    const answer = await http().get('/broken/conflicts').set(headers);
    expect(answer.body).toMatchObject({
      status: 409,
      type: 'urn:bulkhead:problem:conflict',
      detail: 'It is taken.',
    });
  });

  it('to keep the contract is a failure, while tests and developers watch', async () => {
    expect((await http().get('/broken/lies').set(headers)).status).toBe(500);
  });
});

describe('a deadline', () => {
  it('ends a request that takes too long', async () => {
    const answer = await http().get('/slow').set(headers).set(deadlineHeader, '50');
    expect(answer.status).toBe(504);
    expect(answer.body.type).toBe('urn:bulkhead:problem:deadline-exceeded');
  });

  it('that has passed keeps the work from beginning', async () => {
    expect(
      (await http().put(`/items/${itemId}`).set(headers).set(deadlineHeader, '0').send({ name: 'x' })).status,
    ).toBe(504);
  });
});

describe('a stream', () => {
  it('sends messages and resumes after the last one seen', async () => {
    const first = await http().get('/ticks').set(headers);
    expect(first.headers['content-type']).toContain('text/event-stream');
    expect(first.text).toContain('id: 3\ndata: {"id":3}');
    const second = await http().get('/ticks').set(headers).set('last-event-id', '3');
    expect(second.text).toContain('id: 4\n');
    expect(second.text).not.toContain('id: 3\n');
  });
});

describe('more requests than a service can do', () => {
  const patient = { CONCURRENCY_QUEUE_BUY_MS: '60000' };

  const queued = (busy: TestService, count: number) =>
    eventually(async () =>
      expect(await busy.metrics()).toMatch(
        new RegExp(`^http_server_queued_requests\\{priority="buy"\\S* ${count}$`, 'm'),
      ),
    );

  it('wait until there is a place where that is soon enough, and none is refused', async () => {
    const busy = await startTestService(definition, { resilience: patient });
    try {
      const waits = (count: number) =>
        new RegExp(`^http_server_queue_wait_seconds_count\\{\\S*priority="buy"\\S* ${count}$`, 'm');
      // Exposed from the start: Prometheus sees no increase in the first value of a new series.
      expect(await busy.metrics()).toMatch(waits(0));
      const headers = { ...(await busy.anonymous()), [deadlineHeader]: '60000' };
      const burst = Array.from({ length: 80 }, () => fetch(`${busy.origin}/gated`, { headers }));
      // 57 of the 64 slots may be used for buying.
      await queued(busy, 23);
      gate.resolve();
      const statuses = new Set((await Promise.all(burst)).map(({ status }) => status));
      expect([...statuses]).toEqual([204]);
      expect(await busy.metrics()).toMatch(waits(23));
    } finally {
      await busy.stop();
    }
  });

  it('leave the queue at once when their client goes, and are never begun', async () => {
    const busy = await startTestService(definition, { resilience: patient });
    try {
      const headers = await busy.anonymous();
      const ask = (count: number, signal: AbortSignal) =>
        Array.from({ length: count }, () =>
          fetch(`${busy.origin}/slow`, { headers, signal }).catch(() => undefined),
        );
      const [staying, leaving] = [new AbortController(), new AbortController()];
      const running = ask(57, staying.signal);
      await eventually(async () => /^http_server_admitted_requests\S* 57$/m.test(await busy.metrics()));
      const waiting = ask(3, leaving.signal);
      await queued(busy, 3);
      leaving.abort();
      await Promise.all(waiting);
      await queued(busy, 0);
      const metrics = await busy.metrics();
      expect(metrics).toMatch(/^http_server_queue_refusals_total\{priority="buy",reason="gone"\S* 3$/m);
      expect(metrics).toMatch(/^http_server_admitted_requests\S* 57$/m);
      expect(metrics).not.toMatch(/^http_server_queue_wait_seconds_count\{\S*priority="buy"\S* [1-9]/m);
      staying.abort();
      await Promise.all(running);
    } finally {
      await busy.stop();
    }
  });

  it('are refused where none is done in time, those who look around before those who buy', async () => {
    const busy = await startTestService(definition);
    try {
      const ask = async (path: string, more: RequestInit = {}) =>
        fetch(busy.origin + path, { ...more, headers: { ...(await busy.anonymous()), ...more.headers } });
      const wait = () => ask('/slow', { headers: { [deadlineHeader]: '4000' } });
      // Of 64 initial slots, browsing may use 51 and buying 57.
      const waiting = Array.from({ length: 54 }, wait);
      await eventually(async () => /^http_server_admitted_requests\S* 54$/m.test(await busy.metrics()));
      const refused = await ask('/glance');
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({ type: 'urn:bulkhead:problem:overloaded' });
      const bought = await ask(`/items/${itemId}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"name":"kettle"}',
      });
      expect(bought.status).toBe(200);
      const statuses = (await Promise.all(Array.from({ length: 20 }, wait))).map(({ status }) => status);
      expect(statuses).toContain(503);
      await Promise.all(waiting);
    } finally {
      await busy.stop();
    }
  });
});

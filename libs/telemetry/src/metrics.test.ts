import { createDatabaseMetrics } from './database-metrics';
import { exposeTogether } from './expose-together';
import { createHttpClientMetrics } from './http-client-metrics';
import { createHttpServerMetrics } from './http-server-metrics';
import { createMessagingMetrics } from './messaging-metrics';
import { capped, createMetrics } from './metrics';
import { collectRuntimeMetrics } from './runtime-metrics';

const sample = async (metrics: ReturnType<typeof createMetrics>, line: string) =>
  (await metrics.expose())
    .split('\n')
    .find((each) => each.startsWith(`${line} `))
    ?.slice(line.length + 1);

const series = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.expose()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;

describe('metrics', () => {
  it('make no new series for 10,000 distinct paths, users and methods', async () => {
    const metrics = createMetrics({ service: 'gateway' });
    const server = createHttpServerMetrics(metrics);
    const client = createHttpClientMetrics(metrics);
    const custom = metrics.counter({ name: 'logins_total', help: 'Logins.', labels: { user: capped(10) } });
    const spread = (from: number, to: number) => {
      for (let index = from; index < to; index++) {
        server.forRoute(`METHOD${index}`, `/orders/${index}`)(200 + index, 0.01);
        client.forOperation(`peer-${index}`, `operation-${index}`)('2xx', 0.01);
        client.policyObserver.rejected({ policy: `peer-${index}`, reason: 'breaker' });
        custom.add({ user: `user-${index}` });
      }
    };
    spread(0, 1_000);
    const before = await series(metrics);
    spread(1_000, 10_000);
    expect(await series(metrics)).toBe(before);
    expect(await sample(metrics, 'logins_total{user="other",service="gateway"}')).toBe('9990');
    expect(await sample(metrics, 'logins_total{user="user-3",service="gateway"}')).toBe('1');
  });

  it('show rate, errors and duration of a route by its template, with the trace as exemplar', async () => {
    const metrics = createMetrics({ service: 'order' });
    const observe = createHttpServerMetrics(metrics).forRoute('POST', '/orders');
    observe(201, 0.02);
    observe(201, 0.3, '0af7651916cd43dd8448eb211c80319c');
    observe(503, 0.001);
    const name = 'http_server_request_duration_seconds';
    expect(
      await sample(metrics, `${name}_count{service="order",method="POST",route="/orders",status="201"}`),
    ).toBe('2');
    expect(
      await sample(metrics, `${name}_count{service="order",method="POST",route="/orders",status="503"}`),
    ).toBe('1');
    const text = await metrics.expose();
    expect(text).toMatch(
      /le="0\.5".*status="201"\} 2 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} 0\.3 /,
    );
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('of what seldom happens are there before it does, so that the first time is an increase', async () => {
    const metrics = createMetrics({ service: 'order' });
    createHttpServerMetrics(metrics);
    createHttpClientMetrics(metrics).watch({ name: 'payment', breaker: { state: 'closed' } });
    createMessagingMetrics(metrics, { groups: ['order.payments'] });
    for (const line of [
      'http_server_rejections_total{reason="overload",service="order"}',
      'http_client_retries_total{peer="payment",service="order"}',
      'http_client_rejections_total{peer="payment",reason="breaker",service="order"}',
      'http_client_breaker_changes_total{peer="payment",state="open",service="order"}',
      'messaging_dead_letters_total{group="order.payments",service="order"}',
      'messaging_retries_total{group="order.payments",service="order"}',
      'messaging_lag_seconds_count{service="order",group="order.payments"}',
      'messaging_consumer_paused{group="order.payments",dependency="database",service="order"}',
    ])
      expect([line, await sample(metrics, line)]).toEqual([line, '0']);
  });

  it('count a label value that was not declared as other', async () => {
    const metrics = createMetrics({ service: 'x' });
    const counter = metrics.counter({ name: 'a_total', help: 'A.', labels: { kind: ['b', 'c'] } });
    counter.add({ kind: 'b' });
    counter.add({ kind: '__proto__' as 'b' });
    expect(await sample(metrics, 'a_total{kind="b",service="x"}')).toBe('1');
    expect(await sample(metrics, 'a_total{kind="other",service="x"}')).toBe('1');
  });

  it('of peers show breaker, bulkhead, retries and rejections', async () => {
    const metrics = createMetrics({ service: 'order' });
    const client = createHttpClientMetrics(metrics);
    const breaker: { state: 'closed' | 'open' } = { state: 'closed' };
    client.watch({
      name: 'payment',
      breaker,
      bulkhead: { inFlight: 3, queued: 2, maxConcurrent: 64, maxQueued: 64 },
      retryBudget: { balance: 9 },
    });
    breaker.state = 'open';
    client.policyObserver.stateChange({ policy: 'payment', to: 'open' });
    client.policyObserver.retry({ policy: 'payment' });
    client.policyObserver.rejected({ policy: 'payment', reason: 'bulkhead' });
    client.policyObserver.attempt({ policy: 'payment', durationMs: 20, error: new Error('no') });
    const of = (name: string, labels: string) => sample(metrics, `${name}{${labels},service="order"}`);
    expect(await of('http_client_breaker_state', 'peer="payment",state="open"')).toBe('1');
    expect(await of('http_client_breaker_state', 'peer="payment",state="closed"')).toBe('0');
    expect(await of('http_client_breaker_changes_total', 'peer="payment",state="open"')).toBe('1');
    expect(await of('http_client_bulkhead_calls', 'peer="payment",place="running"')).toBe('3');
    expect(await of('http_client_bulkhead_calls', 'peer="payment",place="waiting"')).toBe('2');
    expect(await of('http_client_retries_total', 'peer="payment"')).toBe('1');
    expect(await of('http_client_rejections_total', 'peer="payment",reason="bulkhead"')).toBe('1');
    expect(await metrics.expose()).toContain(
      'http_client_attempt_duration_seconds_count{service="order",peer="payment",outcome="error"} 1',
    );
  });

  it('of messages show what was handled, lag, dead letters, pauses and the outbox', async () => {
    const metrics = createMetrics({ service: 'notification' });
    const outbox = () => Promise.resolve({ unsent: 7, oldestAgeMs: 2_500, parked: 1 });
    const messaging = createMessagingMetrics(metrics, { outbox });
    messaging.published({ type: 'order.placed.v1', outcome: 'confirmed' });
    messaging.handled({
      group: 'notification.orders',
      type: 'order.placed.v1',
      outcome: 'done',
      durationMs: 5,
      lagMs: 70,
    });
    messaging.dead({ group: 'notification.orders' });
    messaging.paused({ group: 'notification.orders', dependency: 'smtp' });
    messaging.connection({ name: 'consumer', state: 'up' });
    const of = (name: string, labels = '') => sample(metrics, `${name}{${labels}service="notification"}`);
    expect(await of('messaging_published_total', 'type="order.placed.v1",outcome="confirmed",')).toBe('1');
    expect(await of('messaging_dead_letters_total', 'group="notification.orders",')).toBe('1');
    expect(await of('messaging_consumer_paused', 'group="notification.orders",dependency="smtp",')).toBe('1');
    expect(await of('messaging_connection_up', 'connection="consumer",')).toBe('1');
    expect(await of('messaging_outbox_oldest_age_seconds')).toBe('2.5');
    messaging.resumed({ group: 'notification.orders', dependency: 'smtp', pausedMs: 10 });
    expect(await of('messaging_consumer_paused', 'group="notification.orders",dependency="smtp",')).toBe('0');
    expect(await of('messaging_outbox_rows', 'state="unsent",')).toBe('7');
  });

  it('still come when the database of the outbox does not answer', async () => {
    const metrics = createMetrics({ service: 'order' });
    createMessagingMetrics(metrics, { outbox: () => new Promise(() => undefined) });
    expect(await sample(metrics, 'messaging_outbox_oldest_age_seconds{service="order"}')).toMatch(/^nan$/i);
  });

  it('of the database show the pool and statements by name', async () => {
    const metrics = createMetrics({ service: 'order' });
    const database = createDatabaseMetrics(metrics, {
      pool: () => ({ total: 8, idle: 3, waiting: 4, max: 10 }),
    });
    database.finished('insert-order', 3);
    database.finished(undefined, 3, new Error('no'));
    database.acquired(2);
    expect(await sample(metrics, 'db_client_connections{state="used",service="order"}')).toBe('5');
    expect(await sample(metrics, 'db_client_connections_waiting{service="order"}')).toBe('4');
    const text = await metrics.expose();
    expect(text).toContain('_count{service="order",statement="insert-order",outcome="ok"} 1');
    expect(text).toContain('_count{service="order",statement="unnamed",outcome="error"} 1');
  });

  it('of the process show event loop, collections, memory and CPU', async () => {
    const metrics = createMetrics({ service: 'order' });
    const runtime = collectRuntimeMetrics(metrics);
    const rss = await sample(metrics, 'nodejs_memory_bytes{kind="rss",service="order"}');
    runtime.stop();
    expect(Number(rss)).toBeGreaterThan(10_000_000);
    const delay = await sample(metrics, 'nodejs_eventloop_delay_seconds{statistic="p99",service="order"}');
    expect(Number(delay)).toBeGreaterThanOrEqual(0);
    expect(await metrics.expose()).not.toMatch(/nan$/im);
  });

  it('of several services in one process are one text, in which each family stands once', async () => {
    const [order, payment] = ['order', 'payment'].map((service) => createMetrics({ service })) as [
      ReturnType<typeof createMetrics>,
      ReturnType<typeof createMetrics>,
    ];
    for (const metrics of [order, payment]) createHttpServerMetrics(metrics).forRoute('GET', '/x')(200, 0.1);
    order.counter({ name: 'only_here_total', help: 'Once.' }).add({});
    const lines = (await exposeTogether([order, payment])).split('\n');
    const types = lines.filter((line) => line.startsWith('# TYPE'));
    expect(new Set(types).size).toBe(types.length);
    expect(lines.filter((line) => line.startsWith('http_server_request_duration_seconds_count'))).toEqual([
      expect.stringContaining('service="order"'),
      expect.stringContaining('service="payment"'),
    ]);
    expect(lines.filter((line) => line === '# EOF')).toHaveLength(1);
    expect(lines.slice(-2)).toEqual(['# EOF', '']);
    expect(lines).toContain('only_here_total{service="order"} 1');
  });
});

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type OtlpReceiver, startOtlpReceiver, until } from '@bulkhead/testing/otlp-receiver';
import { startRecording } from './recording';
import type { RunningSdk } from './sdk';
import { createSpanExport, type SpanExportOptions } from './span-export';
import { createTracing, type Tracing } from './trace';

let receivers: OtlpReceiver[] = [];
let sdks: RunningSdk[] = [];

afterEach(async () => {
  await Promise.all(sdks.map((sdk) => sdk.shutdown()));
  await Promise.all(receivers.map((receiver) => receiver.close()));
  receivers = [];
  sdks = [];
});

function setUp(endpoint: string, options: Partial<SpanExportOptions> = {}) {
  const counts = { exported: 0, dropped: 0 };
  const exporter = createSpanExport({
    endpoint,
    intervalMs: 20,
    onExported: (count) => (counts.exported += count),
    onDropped: (count) => (counts.dropped += count),
    ...options,
  });
  const sdk = startRecording({
    service: 'order',
    version: '1.2.3',
    environment: 'test',
    sharesProcess: false,
    mode: 'tail',
    ratio: 1,
    slowMs: 1_000,
    sinks: [exporter],
  });
  sdks.push(sdk);
  const tracing = createTracing({ mode: 'tail', tracer: sdk.tracer });
  return { tracing, sdk, exporter, counts };
}

async function receiver(behaviour?: Parameters<typeof startOtlpReceiver>[0]) {
  const started = await startOtlpReceiver(behaviour);
  receivers.push(started);
  return started;
}

/** A port on which nobody listens. */
async function deadEndpoint(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const spansOf = (tracing: Tracing, count: number) => {
  for (let index = 0; index < count; index++) tracing.span('work', { kind: 'internal' }, () => undefined);
};

it('a collector receives the tree of spans with names, kinds, attributes, links and errors', async () => {
  const collector = await receiver();
  const { tracing, counts } = setUp(`${collector.endpoint}/`);
  const link = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  await tracing.span(
    'POST /orders',
    { kind: 'server', parent: null, links: [link], attributes: { 'http.request.method': 'POST' } },
    async (span) => {
      span.setAttribute('http.response.status_code', 503);
      await tracing
        .span('payment.authorise', { kind: 'client' }, () =>
          Promise.reject(new Error('card 4111 1111 1111 1111')),
        )
        .catch(() => undefined);
    },
  );
  await until(() => counts.exported === 2);

  const [call, request] = collector.spans;
  expect(request).toMatchObject({
    name: 'POST /orders',
    kind: 2,
    attributes: { 'http.request.method': 'POST', 'http.response.status_code': 503 },
    resource: {
      'service.name': 'order',
      'service.version': '1.2.3',
      'deployment.environment.name': 'test',
    },
    links: [{ traceId: link.traceId, spanId: link.spanId }],
  });
  expect(request?.parentSpanId).toBeUndefined();
  expect(call).toMatchObject({ kind: 3, parentSpanId: request?.spanId, traceId: request?.traceId });
  expect(call?.status).toEqual({ code: 2, message: 'card [digits]' });
  expect(call?.events[0]).toMatchObject({ name: 'exception', attributes: { 'exception.type': 'Error' } });
  expect(JSON.stringify(collector.spans)).not.toContain('4111');
  expect(BigInt(call?.startTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(
    BigInt(request?.startTimeUnixNano ?? 1),
  );
  expect(counts).toEqual({ exported: 2, dropped: 0 });
});

it('what is queued at shutdown still reaches the collector', async () => {
  const collector = await receiver();
  const { tracing, sdk, counts } = setUp(collector.endpoint, { intervalMs: 60_000 });
  spansOf(tracing, 1_500);
  await sdk.shutdown();
  expect(collector.spans).toHaveLength(1_500);
  expect(counts).toEqual({ exported: 1_500, dropped: 0 });
  spansOf(tracing, 1);
  expect(counts.dropped).toBe(1);
});

it('a collector that never answers costs a bounded queue and nothing else', async () => {
  const collector = await receiver('hang');
  const { tracing, sdk, exporter, counts } = setUp(collector.endpoint, {
    queueLimit: 600,
    timeoutMs: 300,
    shutdownMs: 300,
  });
  spansOf(tracing, 10_000);
  expect(exporter.waiting()).toBeLessThanOrEqual(600);
  expect(counts.dropped).toBeGreaterThanOrEqual(10_000 - 600);
  await sdk.shutdown();
  await until(() => counts.dropped === 10_000);
  expect(counts.exported).toBe(0);
  expect(exporter.waiting()).toBe(0);
});

it('a dead collector loses the spans, counted, and no work fails or waits for it', async () => {
  const { tracing, counts } = setUp(await deadEndpoint(), { timeoutMs: 100 });
  await expect(tracing.span('work', { kind: 'internal' }, () => Promise.resolve('done'))).resolves.toBe(
    'done',
  );
  await until(() => counts.dropped === 1);
});

it('spans go out again when the collector is back', async () => {
  const refusing = await receiver('refuse');
  const { port } = new URL(refusing.endpoint);
  const { tracing, counts } = setUp(refusing.endpoint, { timeoutMs: 200 });
  spansOf(tracing, 3);
  await until(() => counts.dropped === 3);
  await refusing.close();
  const back = await startOtlpReceiver('accept', Number(port));
  receivers.push(back);
  await until(() => {
    spansOf(tracing, 1);
    return back.spans.length > 0;
  });
});

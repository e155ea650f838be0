import { startOtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import type * as Telemetry from './telemetry';
import { createTelemetry, type TelemetryOptions } from './telemetry';
import { createTraceRecorder } from './trace-recorder';

function setUp(options: Partial<TelemetryOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const telemetry = createTelemetry({
    service: 'order',
    version: '1.0.0',
    environment: 'test',
    logLevel: 'info',
    traces: {},
    runtimeMetrics: false,
    logDestination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    ...options,
  });
  return { telemetry, lines };
}

it('log lines carry the trace that the collector received', async () => {
  const collector = await startOtlpReceiver();
  const { telemetry, lines } = setUp({ traces: { endpoint: collector.endpoint, mode: 'tail' } });
  await telemetry.tracing.span('POST /orders', { kind: 'server', requestId: 'r-1' }, async () => {
    telemetry.logger.info({ event: 'order-placed' }, 'placed');
  });
  await telemetry.shutdown();
  await collector.close();
  expect(collector.spans).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    trace_id: collector.spans[0]?.traceId,
    span_id: collector.spans[0]?.spanId,
    request_id: 'r-1',
  });
  expect(await telemetry.metrics.expose()).toContain(
    'trace_spans_total{outcome="exported",service="order"} 1',
  );
});

it('without a collector, logs still carry ids and peers still get a traceparent', async () => {
  const { telemetry, lines } = setUp();
  const headers = telemetry.tracing.span('request', { kind: 'server' }, () => {
    telemetry.logger.info({}, 'hello');
    return telemetry.tracing.inject();
  });
  expect(headers?.['traceparent']).toBe(
    `00-${String(lines[0]?.['trace_id'])}-${String(lines[0]?.['span_id'])}-00`,
  );
  await telemetry.shutdown();
});

it('without a collector, no part of the OpenTelemetry SDK is loaded', async () => {
  let loaded = false;
  jest.doMock('@opentelemetry/exporter-trace-otlp-http', () => {
    loaded = true;
    return jest.requireActual<object>('@opentelemetry/exporter-trace-otlp-http');
  });
  await jest.isolateModulesAsync(async () => {
    const fresh = jest.requireActual<typeof Telemetry>('./telemetry');
    const options = {
      service: 'order',
      version: '1',
      environment: 'test',
      logLevel: 'silent' as const,
      runtimeMetrics: false,
      logDestination: { write: () => undefined },
    };
    await fresh.createTelemetry({ ...options, traces: {} }).shutdown();
    expect(loaded).toBe(false);
    await fresh.createTelemetry({ ...options, traces: { endpoint: 'http://127.0.0.1:1' } }).shutdown();
    expect(loaded).toBe(true);
  });
});

it('fields that a log line may not hold are counted', async () => {
  const { telemetry } = setUp();
  telemetry.logger.info({ password: 'x', card: 'y' } as never, 'hello');
  expect(await telemetry.metrics.expose()).toContain('log_fields_dropped_total{service="order"} 2');
  await telemetry.shutdown();
});

describe('the recorder', () => {
  it('joins the spans that several services made of one trace', async () => {
    const recorder = createTraceRecorder();
    const gateway = setUp({ service: 'gateway', traces: { recorder, ratio: 1 } }).telemetry.tracing;
    const order = setUp({ service: 'order', traces: { recorder, ratio: 0 } }).telemetry.tracing;
    gateway.span('GET /orders', { kind: 'server', parent: null }, () => {
      const parent = order.extract(gateway.inject() ?? {});
      order.span('list orders', { kind: 'server', parent }, () => undefined);
    });
    const [trace] = recorder.traces();
    expect(trace?.spans.map(({ service, name }) => `${service}: ${name}`)).toEqual([
      'order: list orders',
      'gateway: GET /orders',
    ]);
    expect(trace?.spans[0]?.parentSpanId).toBe(trace?.spans[1]?.spanId);
  });

  it('keeps the newest traces and a bounded number of their spans', () => {
    const recorder = createTraceRecorder({ maxTraces: 3, maxSpans: 5 });
    const { tracing } = setUp({ traces: { recorder, ratio: 1 } }).telemetry;
    for (let index = 0; index < 50; index++)
      tracing.span(`request ${index}`, { kind: 'server' }, () => {
        for (let call = 0; call < 9; call++) tracing.span('call', { kind: 'client' }, () => undefined);
      });
    expect(recorder.traces().map(({ spans, omitted }) => [spans.length, omitted])).toEqual([
      [5, 5],
      [5, 5],
      [5, 5],
    ]);
  });

  it('keeps half of its places for what they are reserved for, and the other half for the rest', () => {
    const recorder = createTraceRecorder({ maxTraces: 4, reserveFor: ({ kind }) => kind === 'server' });
    const { tracing } = setUp({ traces: { recorder, ratio: 1 } }).telemetry;
    const add = (kind: 'server' | 'consumer', ...names: string[]) =>
      names.forEach((name) => tracing.span(name, { kind, parent: null }, () => undefined));
    const names = () => recorder.traces().map(({ spans }) => spans[0]?.name);
    add('server', 'a', 'b', 'c');
    add('consumer', ...Array.from({ length: 50 }, (_, index) => `event ${index}`));
    expect(names()).toEqual(['event 49', 'event 48', 'c', 'b']);
    add('server', ...Array.from({ length: 50 }, (_, index) => `request ${index}`));
    expect(names()).toEqual(['request 49', 'request 48', 'event 49', 'event 48']);
  });
});

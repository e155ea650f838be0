import { startOtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { createNodeSdk } from './node-sdk';
import { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry';
import { createTraceRecorder } from './trace-recorder';

let started: Telemetry[] = [];

afterEach(async () => {
  await Promise.all(started.map((telemetry) => telemetry.shutdown()));
  started = [];
  for (const api of [trace, context, propagation, metrics]) api.disable();
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
});

/** As a program starts: `names` are the services of one process. */
function start(names: readonly string[], options: Partial<TelemetryOptions> = {}) {
  const startSdk = createNodeSdk();
  const lines: Record<string, unknown>[] = [];
  const telemetries = names.map((service) =>
    createTelemetry({
      service,
      version: '1.0.0',
      environment: 'test',
      logLevel: 'info',
      traces: {},
      runtimeMetrics: false,
      logDestination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
      sharesProcess: names.length > 1,
      startSdk,
      ...options,
    }),
  );
  started = telemetries;
  return { telemetries, telemetry: telemetries[0]!, lines };
}

const readers = () => trace.getTracer('readers');

describe('code that knows OpenTelemetry alone', () => {
  it('finds the active span, adds spans of its own to the trace, and its logs lead there', async () => {
    const collector = await startOtlpReceiver();
    const { telemetry, lines } = start(['order'], { traces: { endpoint: collector.endpoint, ratio: 1 } });
    await telemetry.tracing.span('POST /orders', { kind: 'server', requestId: 'r-1' }, async () => {
      await Promise.resolve();
      trace.getActiveSpan()?.setAttribute('shop.gift', true);
      readers().startActiveSpan('wrap', (span) => {
        span.setAttribute('shop.to', 'jan@example.org');
        telemetry.logger.info({ event: 'wrapped' }, 'wrapped');
        telemetry.tracing.span('glue', { kind: 'internal' }, () => undefined);
        span.end();
      });
    });
    await telemetry.shutdown();
    await collector.close();
    const named = (name: string) => collector.spans.find((span) => span.name === name);
    const request = named('POST /orders');
    expect(request?.attributes).toMatchObject({ 'shop.gift': true });
    expect(named('wrap')).toMatchObject({
      traceId: request?.traceId,
      parentSpanId: request?.spanId,
      attributes: { 'shop.to': '[email]' },
    });
    expect(named('glue')?.parentSpanId).toBe(named('wrap')?.spanId);
    expect(lines[0]).toMatchObject({
      trace_id: request?.traceId,
      span_id: named('wrap')?.spanId,
      trace_flags: '01',
      request_id: 'r-1',
    });
  });

  it('has its spans exported late with those of an unsampled request that fails', async () => {
    const recorder = createTraceRecorder();
    const { telemetry } = start(['order'], { traces: { recorder, ratio: 0 } });
    const request = (name: string, status: 'ok' | 'error') =>
      telemetry.tracing.span(name, { kind: 'server' }, (span) => {
        readers().startActiveSpan(`within ${name}`, (inner) => inner.end());
        span.setStatus(status);
      });
    request('right', 'ok');
    request('wrong', 'error');
    expect(recorder.traces().flatMap(({ spans }) => spans.map(({ name }) => name))).toEqual([
      'within wrong',
      'wrong',
    ]);
  });

  it('belongs to the service it runs in where several share a process', async () => {
    const collector = await startOtlpReceiver();
    process.env['OTEL_SERVICE_NAME'] = 'shop';
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'cloud.region=here';
    const { telemetries, lines } = start(['gateway', 'order'], {
      traces: { endpoint: collector.endpoint, ratio: 1 },
    });
    const [gateway, order] = telemetries;
    gateway!.tracing.span('GET /orders', { kind: 'server', parent: null }, () => {
      const parent = order!.tracing.extract(gateway!.tracing.inject() ?? {});
      order!.tracing.span('list orders', { kind: 'server', parent }, () => {
        readers().startActiveSpan('sort', (span) => span.end());
      });
      // Nothing was handed over: what another service does meanwhile is no part of this one's span.
      order!.tracing.span('sweep', { kind: 'internal' }, () => undefined);
      order!.tracing.record('SELECT', { kind: 'client', durationMs: 1 });
      order!.logger.info({}, 'swept');
      expect(order!.tracing.toTraceparent()).toBeUndefined();
    });
    await Promise.all(telemetries.map((telemetry) => telemetry.shutdown()));
    await collector.close();
    const named = (name: string) => collector.spans.find((span) => span.name === name);
    const service = (name: string) => named(name)?.resource['service.name'];
    expect(['GET /orders', 'list orders', 'sort', 'sweep'].map(service)).toEqual([
      'gateway',
      'order',
      'order',
      'order',
    ]);
    expect(named('sort')?.traceId).toBe(named('GET /orders')?.traceId);
    expect(named('sweep')?.traceId).not.toBe(named('GET /orders')?.traceId);
    expect(named('SELECT')).toBeUndefined();
    expect(lines[0]).not.toHaveProperty('trace_id');
    for (const { resource } of collector.spans) expect(resource['cloud.region']).toBe('here');
  });
});

describe('the variables of OpenTelemetry', () => {
  async function exportedWith(environment: Readonly<Record<string, string>>) {
    const collector = await startOtlpReceiver();
    Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...environment });
    const { telemetry, lines } = start(['order'], {
      traces: { endpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'], ratio: 0 },
    });
    const headers = telemetry.tracing.span('request', { kind: 'server', requestId: 'r-1' }, () => {
      telemetry.logger.info({}, 'hello');
      return telemetry.tracing.inject();
    });
    await telemetry.shutdown();
    await collector.close();
    return { collector, headers, line: lines[0] };
  }

  it('name the service, add to its resource and send headers', async () => {
    const { collector } = await exportedWith({
      OTEL_SERVICE_NAME: 'order-blue',
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.namespace.name=shop,service.version=2.0.0',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc',
      OTEL_TRACES_SAMPLER: 'always_on',
    });
    expect(collector.headers).toMatchObject({ 'x-api-key': 'abc' });
    expect(collector.spans[0]?.resource).toMatchObject({
      'service.name': 'order-blue',
      'service.version': '2.0.0',
      'k8s.namespace.name': 'shop',
      'deployment.environment.name': 'test',
      'telemetry.sdk.language': 'nodejs',
    });
  });

  it('sample', async () => {
    const sampled = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' };
    expect((await exportedWith(sampled)).collector.spans).toHaveLength(1);
  });

  it('choose the protocol', async () => {
    const { collector } = await exportedWith({
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    });
    expect(collector.headers['content-type']).toBe('application/x-protobuf');
  });

  it('choose the headers that carry a span', async () => {
    const { headers } = await exportedWith({ OTEL_PROPAGATORS: 'b3' });
    expect(Object.keys(headers ?? {})).toEqual(['b3']);
  });

  it.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
    'switch it off (%j): ids and requests in logs stay',
    async (off) => {
      const { collector, headers, line } = await exportedWith({ OTEL_TRACES_SAMPLER: 'always_on', ...off });
      expect(collector.requests()).toBe(0);
      expect(line).toMatchObject({ request_id: 'r-1', trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
      expect(headers?.['traceparent']).toContain(line?.['trace_id']);
    },
  );
});

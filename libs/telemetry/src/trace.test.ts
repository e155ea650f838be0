import { setImmediate } from 'node:timers/promises';
import { TraceFlags } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { logContext } from './log-context';
import type { SpanSink } from './local-trace';
import { type RecordingOptions, startRecording } from './recording';
import { registerApi } from './sdk';
import { type SeenSpan, seenSpan } from './testing/seen-span';
import { createTracing } from './trace';

function setUp(options: Partial<RecordingOptions> = {}) {
  const spans: SeenSpan[] = [];
  const sink: SpanSink = {
    add: (span: ReadableSpan) => void spans.push(seenSpan(span)),
    shutdown: () => Promise.resolve(),
  };
  const time = { ms: 0 };
  const clock = { now: () => 1_700_000_000_000 + time.ms, monotonic: () => time.ms };
  const { mode = 'head' } = options;
  const { tracer } = startRecording({
    service: 'order',
    version: '1',
    environment: 'test',
    sharesProcess: false,
    mode,
    ratio: 1,
    slowMs: 500,
    sinks: [sink],
    clock,
    ...options,
  });
  const owner = {};
  const tracing = createTracing({ mode, owner, tracer, clock });
  const log = (isTrouble: boolean) => logContext(owner, isTrouble);
  const named = (name: string) => spans.find((span) => span.name === name);
  return { tracing, log, spans, time, named };
}

const remote = (sampled: boolean) => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  isRemote: true,
});
const { traceId, spanId } = remote(true);

describe('spans', () => {
  it('nest by what is running, across awaits and side by side', async () => {
    const { tracing, named, spans } = setUp();
    await tracing.span('request', { kind: 'server' }, async () => {
      await setImmediate();
      await Promise.all([
        tracing.span('left', { kind: 'client' }, async () => {
          await setImmediate();
          tracing.span('leaf', { kind: 'internal' }, () => undefined);
        }),
        tracing.span('right', { kind: 'client' }, () => setImmediate()),
      ]);
    });
    const root = named('request');
    expect(root?.parentSpanId).toBeUndefined();
    expect(named('left')?.parentSpanId).toBe(root?.spanId);
    expect(named('right')?.parentSpanId).toBe(root?.spanId);
    expect(named('leaf')?.parentSpanId).toBe(named('left')?.spanId);
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
    expect(new Set(spans.map((span) => span.spanId)).size).toBe(4);
  });

  it('have the times of their work', async () => {
    const { tracing, named, time } = setUp();
    time.ms = 40;
    await tracing.span('request', { kind: 'server' }, async () => {
      time.ms = 52.5;
    });
    expect(named('request')).toMatchObject({ start: 1_700_000_000_040, end: 1_700_000_000_052.5 });
  });

  it('that throw are errors, and the error goes on to the caller', async () => {
    const { tracing, named } = setUp();
    const boom = new TypeError('no stock for jan@example.org');
    expect(() =>
      tracing.span('sync', { kind: 'internal' }, () => {
        throw boom;
      }),
    ).toThrow(boom);
    await expect(tracing.span('async', { kind: 'internal' }, () => Promise.reject(boom))).rejects.toBe(boom);
    for (const name of ['sync', 'async']) {
      expect(named(name)).toMatchObject({ status: 'error', statusMessage: 'no stock for [email]' });
      expect(named(name)?.attributes['error.type']).toBe('TypeError');
      expect(JSON.stringify(named(name))).not.toContain('jan@example.org');
    }
  });

  it('are bounded in attributes, events and text', () => {
    const { tracing, named } = setUp();
    tracing.span('big', { kind: 'internal' }, (span) => {
      for (let index = 0; index < 1_000; index++) {
        span.setAttribute(`key-${index}`, 'x'.repeat(100_000));
        span.addEvent(`event-${index}`);
      }
    });
    const big = named('big');
    expect(Object.keys(big?.attributes ?? {})).toHaveLength(64);
    expect(big?.events).toHaveLength(32);
    expect(JSON.stringify(big).length).toBeLessThan(80_000);
  });

  it('ignore what is said after their end', () => {
    const { tracing, named } = setUp();
    const ended = tracing.span('ended', { kind: 'internal' }, (span) => span);
    ended.setAttribute('late', true);
    ended.recordError(new Error('late'));
    expect(named('ended')).toMatchObject({ status: 'unset', attributes: {} });
  });
});

describe('the trace', () => {
  it('of the caller is continued, with its tracestate', () => {
    const { tracing, named } = setUp({ ratio: 0 });
    const parent = { ...remote(true), traceState: new TraceState('a=1') };
    const headers = tracing.span('request', { kind: 'server', parent }, () => tracing.inject());
    expect(headers?.['tracestate']).toBe('a=1');
    expect(tracing.extract(headers ?? {})).toMatchObject({
      traceId: parent.traceId,
      spanId: named('request')?.spanId,
      traceFlags: TraceFlags.SAMPLED,
    });
    expect(named('request')).toMatchObject({ parentSpanId: parent.spanId });
  });

  it('starts at the gateway and links the client’s', () => {
    const { tracing, named } = setUp();
    tracing.span('request', { kind: 'server', parent: null, links: [remote(true)] }, () => undefined);
    expect(named('request')?.traceId).not.toBe(remote(true).traceId);
    expect(named('request')).toMatchObject({ parentSpanId: undefined, links: [{ traceId, spanId }] });
  });

  it('begins anew within another when asked to, and the one around it goes on', () => {
    const { tracing, named } = setUp();
    tracing.span('request', { kind: 'server' }, () => {
      tracing.span('detached', { kind: 'internal', parent: null }, () => undefined);
      tracing.span('call', { kind: 'client' }, () => undefined);
    });
    expect(named('detached')?.parentSpanId).toBeUndefined();
    expect(named('detached')?.traceId).not.toBe(named('request')?.traceId);
    expect(named('call')?.parentSpanId).toBe(named('request')?.spanId);
  });

  it('is passed through unchanged by a service that records nothing', () => {
    registerApi();
    const tracing = createTracing({ mode: 'head', tracer: undefined });
    const parent = remote(true);
    const traceparent = tracing.span('request', { kind: 'server', parent }, () =>
      tracing.span('inner', { kind: 'client' }, () => tracing.inject()?.['traceparent']),
    );
    expect(traceparent).toBe(`00-${parent.traceId}-${parent.spanId}-01`);
  });

  it('and the request id are there for logs within, and only there', () => {
    const { tracing, log } = setUp({ ratio: 0 });
    const inside = tracing.span('request', { kind: 'server', requestId: 'r-1' }, (span) =>
      tracing.span('inner', { kind: 'client' }, () => ({
        log: log(false),
        traceId: span.context.traceId,
      })),
    );
    expect(inside.log).toMatchObject({ requestId: 'r-1', traceId: inside.traceId });
    expect(log(false)).toEqual({});
    expect(tracing.current()).toBeUndefined();
    expect(tracing.inject()).toBeUndefined();
  });
});

describe('head sampling', () => {
  it('follows the parent, whatever the ratio', () => {
    const never = setUp({ ratio: 0 });
    never.tracing.span('kept', { kind: 'server', parent: remote(true) }, () => undefined);
    expect(never.spans).toHaveLength(1);
    const always = setUp({ ratio: 1 });
    always.tracing.span('left', { kind: 'server', parent: remote(false) }, () => undefined);
    expect(always.spans).toHaveLength(0);
  });

  it('exports about its share of 4,000 fast requests', () => {
    const { tracing, spans } = setUp({ ratio: 0.25 });
    for (let index = 0; index < 4_000; index++) tracing.span('request', { kind: 'server' }, () => undefined);
    expect(spans.length).toBeGreaterThan(800);
    expect(spans.length).toBeLessThan(1_200);
    expect(spans.some((span) => 'bulkhead.partial' in span.attributes)).toBe(false);
  });

  it('keeps nothing of an unsampled request that is fast and right', async () => {
    const { tracing, spans } = setUp({ ratio: 0 });
    await tracing.span('request', { kind: 'server' }, async () => {
      await tracing.span('call', { kind: 'client' }, () => setImmediate()).then(() => undefined);
    });
    expect(spans).toEqual([]);
  });

  it('exports an unsampled request late when it fails, marked as partial, with the ids it passed on', async () => {
    const { tracing, named } = setUp({ ratio: 0 });
    let sent: string | undefined;
    await tracing.span('request', { kind: 'server', parent: remote(false) }, async (span) => {
      await tracing.span(
        'call',
        { kind: 'client', attributes: { 'server.address': 'payment' } },
        async () => {
          sent = tracing.toTraceparent()?.traceparent;
        },
      );
      span.setStatus('error');
    });
    expect(sent?.endsWith('-00')).toBe(true);
    expect(named('call')?.spanId).toBe(tracing.fromTraceparent(sent)?.spanId);
    expect(named('call')?.attributes).toEqual({ 'server.address': 'payment', 'bulkhead.partial': true });
    expect(named('call')?.parentSpanId).toBe(named('request')?.spanId);
    expect(named('request')).toMatchObject({
      traceId: remote(false).traceId,
      attributes: { 'bulkhead.partial': true, 'bulkhead.partial.reason': 'error' },
    });
  });

  it('exports an unsampled request late when it was slow', () => {
    const { tracing, named, time, spans } = setUp({ ratio: 0, slowMs: 500 });
    tracing.span('fast', { kind: 'server' }, () => void (time.ms += 499));
    tracing.span('slow', { kind: 'server' }, () => void (time.ms += 500));
    expect(spans).toHaveLength(1);
    expect(named('slow')?.attributes['bulkhead.partial.reason']).toBe('slow');
  });

  it('keeps at most 32 spans of an unsampled request', () => {
    const { tracing, spans } = setUp({ ratio: 0 });
    tracing.span('request', { kind: 'server' }, (span) => {
      for (let index = 0; index < 10_000; index++) tracing.span('call', { kind: 'client' }, () => undefined);
      span.setStatus('error');
    });
    expect(spans).toHaveLength(33);
  });

  it('does not export a request because a call of it failed and was made good', () => {
    const { tracing, spans } = setUp({ ratio: 0 });
    tracing.span('request', { kind: 'server' }, () => {
      tracing.span('call', { kind: 'client' }, (span) => span.setStatus('error'));
    });
    expect(spans).toEqual([]);
  });
});

describe('tail mode', () => {
  it('records every trace, even of a caller that did not', () => {
    const { tracing, spans } = setUp({ mode: 'tail', ratio: 0 });
    for (let index = 0; index < 100; index++)
      tracing.span('request', { kind: 'server', parent: index % 2 ? remote(false) : null }, () => undefined);
    expect(spans).toHaveLength(100);
  });

  it('marks the share of traces that the collector is to keep whatever becomes of them, once a service', () => {
    const { tracing, spans } = setUp({ mode: 'tail', ratio: 0.2 });
    for (let index = 0; index < 200; index++)
      tracing.span('request', { kind: 'server', parent: null }, () =>
        tracing.span('call', { kind: 'client' }, () => undefined),
      );
    const marked = spans.filter(({ attributes }) => attributes['bulkhead.keep'] === true);
    expect(marked.length).toBeGreaterThan(10);
    expect(marked.length).toBeLessThan(90);
    expect(new Set(marked.map(({ name }) => name))).toEqual(new Set(['request']));
    const again = setUp({ mode: 'tail', ratio: 0.2 });
    for (const { traceId } of spans)
      again.tracing.span(
        'request',
        { kind: 'server', parent: { ...remote(true), traceId } },
        () => undefined,
      );
    const ids = (all: readonly SeenSpan[]) =>
      new Set(
        all.filter(({ attributes }) => attributes['bulkhead.keep'] === true).map(({ traceId }) => traceId),
      );
    expect(ids(again.spans)).toEqual(ids(spans));
  });

  describe('a measurement leads to its trace only where the collector keeps it:', () => {
    const exemplars = (ratio: number, act: (time: { ms: number }) => 'ok' | 'error' = () => 'ok') => {
      const { tracing, time } = setUp({ mode: 'tail', ratio });
      return tracing.span('request', { kind: 'server' }, (span) => {
        span.setStatus(act(time));
        return { shown: span.exemplar(), traceId: span.context.traceId };
      });
    };

    it('not that of a fast and right request', () => expect(exemplars(0).shown).toBeUndefined());
    it('that of the share', () => {
      const { shown, traceId } = exemplars(1);
      expect(shown).toBe(traceId);
    });
    it('that of a failed request', () => {
      const { shown, traceId } = exemplars(0, () => 'error');
      expect(shown).toBe(traceId);
    });
    it('that of one that is about to fail', () => {
      const { tracing } = setUp({ mode: 'tail', ratio: 0 });
      tracing.span('call', { kind: 'client' }, (span) =>
        expect(span.exemplar(true)).toBe(span.context.traceId),
      );
    });
    it('that of a slow request', () => {
      const { shown, traceId } = exemplars(0, (time) => ((time.ms = 500), 'ok'));
      expect(shown).toBe(traceId);
    });
    it('not that of one that ends after its trace was judged', () => {
      expect(exemplars(0, (time) => ((time.ms = 25_000), 'error')).shown).toBeUndefined();
      expect(exemplars(1, (time) => ((time.ms = 25_000), 'error')).shown).toBeDefined();
    });
  });

  it('keeps the trace of a warning, and at once: what it is about may last for long', () => {
    const { tracing, log, spans } = setUp({ mode: 'tail', ratio: 0 });
    tracing.span('stream', { kind: 'server' }, () => {
      expect(log(false)).toMatchObject({ traceKept: false });
      expect(spans).toEqual([]);
      expect(log(true)).toMatchObject({ traceKept: true });
      expect(log(false)).toMatchObject({ traceKept: true });
      expect(log(true)).toMatchObject({ traceKept: true });
      expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
        ['logged', { 'bulkhead.keep': true }],
      ]);
    });
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('does not promise the trace of a warning that comes after it was judged', () => {
    const { tracing, log, time } = setUp({ mode: 'tail', ratio: 0 });
    tracing.span('stream', { kind: 'server' }, () => {
      time.ms = 25_000;
      expect(log(true)).toMatchObject({ traceKept: false });
    });
  });

  it('begins a trace of its own, linked, for a message that comes after its trace was judged', () => {
    const { tracing, named } = setUp({ mode: 'tail', ratio: 0 });
    const handle = (name: string, ageMs: number) =>
      tracing.span(
        name,
        { kind: 'consumer', parent: remote(true), parentMadeAt: 1_700_000_000_000 - ageMs },
        (span) => expect(span.exemplar(true)).toBe(span.context.traceId),
      );
    handle('soon', 5_000);
    handle('late', 25_000);
    expect(named('soon')).toMatchObject({ traceId: remote(true).traceId, links: [] });
    expect(named('late')!.traceId).not.toBe(remote(true).traceId);
    expect(named('late')).toMatchObject({ parentSpanId: undefined, links: [{ traceId, spanId }] });
  });
});

it('in head mode neither a measurement nor a warning leads to a trace that is not sampled', () => {
  for (const [ratio, kept] of [
    [0, false],
    [1, true],
  ] as const) {
    const { tracing, log } = setUp({ ratio });
    tracing.span('request', { kind: 'server' }, (span) => {
      expect(span.exemplar(true) !== undefined).toBe(kept);
      expect(log(true).traceKept).toBe(kept);
    });
  }
});

import type { Tracer } from '@opentelemetry/api';
import { createLateExport } from './late-export';
import { type SpanClock, type SpanSink, systemClock, type TraceRules } from './local-trace';
import { createSampler, firstSampler, isOfShare } from './sampler';
import type { RunningSdk, SdkOptions, StartSdk } from './sdk';
import { startTracerProvider } from './tracer-provider';
import { randomTraceIds, type TraceIds } from './trace-ids';

export interface RecordingOptions extends Omit<SdkOptions, 'traces'> {
  readonly mode: 'head' | 'tail';
  /** Share of traces, 0 … 1, that are sampled (`head`), or always kept (`tail`). */
  readonly ratio: number;
  /** An unsampled trace is exported after all from this duration on (ms). */
  readonly slowMs: number;
  /** Receives finished spans. */
  readonly sinks: readonly SpanSink[];
  readonly startSdk?: StartSdk | undefined;
  readonly clock?: SpanClock | undefined;
  readonly ids?: TraceIds | undefined;
}

/** Starts the SDK with the sampler and the span processor of a service. */
export function startRecording(options: RecordingOptions): RunningSdk & { readonly tracer: Tracer } {
  const { mode, ratio, slowMs, sinks, startSdk = startTracerProvider, clock = systemClock } = options;
  const sink: SpanSink = {
    add: (span) => {
      for (const each of sinks) each.add(span);
    },
    shutdown: async () => {
      await Promise.all(sinks.map((each) => each.shutdown()));
    },
  };
  const rules: TraceRules = {
    clock,
    slowMs,
    sink,
    get tracer() {
      return sdk.tracer!;
    },
  };
  const isChosen = mode === 'tail' ? isOfShare(ratio) : () => true;
  const sdk = startSdk({
    ...options,
    traces: {
      sampler: createSampler(firstSampler(mode, ratio)),
      processor: createLateExport(rules, isChosen),
      idGenerator: options.ids ?? randomTraceIds(),
    },
  });
  return { tracer: sdk.tracer!, shutdown: sdk.shutdown };
}

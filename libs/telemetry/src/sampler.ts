import { type Context, isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { localTraceOf } from './local-trace';
import { alwaysSample } from './scope';

/**
 * Samples like `first` for the first span of a service in a trace; spans within it inherit the decision. Unsampled
 * spans are still recorded while they may be exported late.
 */
export function createSampler(first: Sampler): Sampler {
  const sampled = { decision: SamplingDecision.RECORD_AND_SAMPLED };
  const recorded = { decision: SamplingDecision.RECORD };
  const forgotten = { decision: SamplingDecision.NOT_RECORD };
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const parent = trace.getSpan(context);
      const parentContext = parent?.spanContext();
      if (parentContext && !parentContext.isRemote && isSpanContextValid(parentContext)) {
        if (parentContext.traceFlags & TraceFlags.SAMPLED) return sampled;
        return localTraceOf(parent)?.isWanted() ? recorded : forgotten;
      }
      if (context.getValue(alwaysSample) === true) return sampled;
      const result = first.shouldSample(context, traceId, name, kind, attributes, links);
      return result.decision === SamplingDecision.NOT_RECORD ? recorded : result;
    },
    toString: () => `LateExport{${first.toString()}}`,
  };
}

/** By `OTEL_TRACES_SAMPLER` if set, otherwise by mode and ratio. */
export function firstSampler(mode: 'head' | 'tail', ratio: number): Sampler {
  const share = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1;
  switch (getStringFromEnv('OTEL_TRACES_SAMPLER')) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(share);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) });
    default:
      return mode === 'tail'
        ? new AlwaysOnSampler()
        : new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

/** Whether a trace id falls within the share `ratio` (0 … 1). Every service decides the same for one trace. */
export function isOfShare(ratio: number): (context: Context, traceId: string) => boolean {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  return (context, traceId) =>
    sampler.shouldSample(context, traceId).decision !== SamplingDecision.NOT_RECORD;
}

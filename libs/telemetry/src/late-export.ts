import { type Context, type Span as ApiSpan, trace, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { keepAttribute } from './keep-trace';
import { joinLocalTrace, LocalTrace, localTraceOf, type TraceRules } from './local-trace';

/**
 * The span processor of a service. Sampled spans go to its sink as they end. Spans that are only recorded are held
 * until the first span of the service in their trace ends: if that one failed or was slow, they are exported after all.
 * @param isChosen whether this sampled trace will certainly be kept
 */
export function createLateExport(
  rules: TraceRules,
  isChosen: (context: Context, traceId: string) => boolean,
): SpanProcessor {
  const begin = (span: Span, context: Context): LocalTrace => {
    const { traceId, traceFlags } = span.spanContext();
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    const chosen = isSampled && isChosen(context, traceId);
    if (chosen) span.setAttribute(keepAttribute, true);
    return new LocalTrace(rules, span, isSampled, chosen);
  };
  return {
    onStart(span, context) {
      const parent = span.parentSpanContext;
      const around = parent && !parent.isRemote ? localTraceOf(trace.getSpan(context)) : undefined;
      joinLocalTrace(span, around ?? begin(span, context));
    },
    onEnd: (span: ReadableSpan) => localTraceOf(span as unknown as ApiSpan)?.ended(span),
    forceFlush: async () => undefined,
    shutdown: () => rules.sink.shutdown(),
  };
}

import { context, type Span, trace } from '@opentelemetry/api';
import { localTraceOf } from './local-trace';

/** On a span whose trace is to be kept by a collector that samples by tail, whatever else becomes of it. */
export const keepAttribute = 'bulkhead.keep';

/** Has the trace of a span kept where that can still be done. @returns whether it will be */
export function keepTrace(span: Span): boolean {
  const local = localTraceOf(span);
  if (!local || local.kept || !local.isOpen()) return local?.kept ?? false;
  local.kept = true;
  // At once: the span may end long after the trace was judged.
  local.rules.tracer
    .startSpan('logged', { attributes: { [keepAttribute]: true } }, trace.setSpan(context.active(), span))
    .end();
  return true;
}

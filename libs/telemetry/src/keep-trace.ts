import { context, type Span, trace } from '@opentelemetry/api';
import { localTraceOf } from './local-trace';

/** Marks a span whose trace a tail-sampling collector must keep. */
export const keepAttribute = 'bulkhead.keep';

/** Makes the trace of a span be kept if that is still possible. @returns whether it will be */
export function keepTrace(span: Span): boolean {
  const local = localTraceOf(span);
  if (!local || local.kept || !local.isOpen()) return local?.kept ?? false;
  local.kept = true;
  // Immediately: the span may end long after the collector's decision.
  local.rules.tracer
    .startSpan('logged', { attributes: { [keepAttribute]: true } }, trace.setSpan(context.active(), span))
    .end();
  return true;
}

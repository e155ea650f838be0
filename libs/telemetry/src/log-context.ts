import { trace } from '@opentelemetry/api';
import { keepTrace } from './keep-trace';
import { localTraceOf } from './local-trace';
import { currentScope, isOwnWork } from './scope';

/** Fields that every log line has. */
export interface LogContext {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** The trace will be kept, so the log line may link to it. */
  readonly traceKept?: boolean | undefined;
  readonly requestId?: string | undefined;
}

/**
 * Fields that a service's logger adds to each line: from the active span, whichever component created it, and from the
 * request.
 * @param owner the service, as in its tracing
 * @param keep whether the line is a reason to keep its trace
 */
export function logContext(owner: object, keep = false): LogContext {
  if (!isOwnWork(owner)) return {};
  const span = trace.getActiveSpan();
  const requestId = currentScope()?.requestId;
  if (!span) return { requestId };
  const { traceId, spanId } = span.spanContext();
  const traceKept = keep ? keepTrace(span) : (localTraceOf(span)?.kept ?? false);
  return { traceId, spanId, traceKept, requestId };
}

import { trace } from '@opentelemetry/api';
import { keepTrace } from './keep-trace';
import { localTraceOf } from './local-trace';
import { currentScope, isOwnWork } from './scope';

/** Names that a log line carries by itself. */
export interface LogContext {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** The trace will be found: a line may lead to it. */
  readonly traceKept?: boolean | undefined;
  readonly requestId?: string | undefined;
}

/**
 * What the logger of a service adds to a line written now: of the active span, whoever began it, and of the request.
 * @param owner the service, as its tracing has it
 * @param keep the line is worth having its trace kept
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

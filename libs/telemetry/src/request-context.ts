import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known about the work in progress, for logs and outgoing calls. */
export interface Scope {
  readonly requestId: string | undefined;
  readonly span: ScopeSpan | undefined;
}

/** The span as logs see it. `spanId` may be made on first use, so read it only when it is written somewhere. */
export interface ScopeSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Will its trace be kept for certain? */
  isKept(): boolean;
  /** Has its trace kept where that can still be done. @returns whether it will be */
  keep(): boolean;
}

/** Names that a log line carries by itself. */
export interface LogContext {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** The trace will be found: a line may lead to it. */
  readonly traceKept?: boolean | undefined;
  readonly requestId?: string | undefined;
}

/** The one AsyncLocalStorage of a service: request and trace share it, because each further one slows every await. */
export interface RequestContext {
  /** The innermost scope of the running work, or undefined outside of any. */
  current(): Scope | undefined;
  /** Runs `work` within `scope`; what it starts asynchronously stays within. */
  enter<T>(scope: Scope, work: () => T): T;
  /** Runs `work` with this request id, keeping the current span. */
  run<T>(fields: { readonly requestId: string }, work: () => T): T;
  /**
   * What the logger adds to a line written now.
   * @param keep the line is worth having its trace kept
   */
  log(keep?: boolean): LogContext;
}

const nothing: LogContext = {};

export function createRequestContext(): RequestContext {
  const storage = new AsyncLocalStorage<Scope>();
  return {
    current: () => storage.getStore(),
    enter: (scope, work) => storage.run(scope, work),
    run: ({ requestId }, work) => storage.run({ requestId, span: storage.getStore()?.span }, work),
    log(keep = false) {
      const scope = storage.getStore();
      if (!scope) return nothing;
      const { span, requestId } = scope;
      if (!span) return { requestId };
      const traceKept = keep ? span.keep() : span.isKept();
      return { traceId: span.traceId, spanId: span.spanId, traceKept, requestId };
    },
  };
}

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
}

/** Names that a log line carries by itself. */
export interface LogContext {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
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
  /** What the logger adds to a line written now. */
  log(): LogContext;
}

const nothing: LogContext = {};

export function createRequestContext(): RequestContext {
  const storage = new AsyncLocalStorage<Scope>();
  return {
    current: () => storage.getStore(),
    enter: (scope, work) => storage.run(scope, work),
    run: ({ requestId }, work) => storage.run({ requestId, span: storage.getStore()?.span }, work),
    log() {
      const scope = storage.getStore();
      if (!scope) return nothing;
      return { traceId: scope.span?.traceId, spanId: scope.span?.spanId, requestId: scope.requestId };
    },
  };
}

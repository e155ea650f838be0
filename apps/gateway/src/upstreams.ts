import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerGoneStatus, PeerUnavailable } from '@bulkhead/service/errors';
import { BreakerOpen, BulkheadFull, isCancellation } from '@bulkhead/resilience/errors';
import type { PeerPolicies } from '@bulkhead/service/http/peer-policies';
import type { ForwardOptions, Upstream } from '@bulkhead/service/service';

export interface GuardedForwardOptions extends ForwardOptions {
  /** Streams stay open without a limit, so they take no slot in the bulkhead. */
  readonly stream: boolean;
}

/** A service behind its circuit breaker and bulkhead: one that hangs or fails cannot exhaust the gateway. */
export interface GuardedUpstream {
  /** @throws BreakerOpen, BulkheadFull, PeerUnavailable or DeadlineExceeded while nothing has been written */
  forward(
    request: IncomingMessage,
    response: ServerResponse,
    options: GuardedForwardOptions,
  ): Promise<number>;
}

export function guardUpstream(
  name: string,
  upstream: Upstream,
  { breaker, bulkhead, observer }: PeerPolicies,
): GuardedUpstream {
  return {
    async forward(request, response, options) {
      if (options.stream) return upstream.forward(request, response, options).catch(statusWhenGone);
      if (!breaker.admits()) {
        observer.rejected?.({ policy: name, reason: 'breaker' });
        throw breaker.rejection();
      }
      const attempt = () =>
        bulkhead.execute(() => upstream.forward(request, response, options), { priority: options.priority });
      try {
        return await breaker.execute(async () => {
          const status = await attempt();
          if (status === 500 || status === 502) throw new BadResponse(status);
          return status;
        });
      } catch (error) {
        if (error instanceof BadResponse) return error.status;
        if (error instanceof BulkheadFull) observer.rejected?.({ policy: name, reason: 'bulkhead' });
        if (error instanceof BreakerOpen) observer.rejected?.({ policy: name, reason: 'breaker' });
        if (error instanceof PeerUnavailable && response.headersSent) return response.statusCode;
        return statusWhenGone(error);
      }
    },
  };
}

function statusWhenGone(error: unknown): number {
  if (isCancellation(error)) return callerGoneStatus;
  throw error;
}

/** Reports a response to the breaker that was forwarded anyway. */
class BadResponse extends Error {
  override readonly name = 'BadResponse';
  readonly status: number;
  constructor(status: number) {
    super(`answered ${status}`);
    this.status = status;
  }
}

import { DependencyUnavailable } from '@bulkhead/messaging/subscription';
import type { Clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { AttemptTimeout, BreakerOpen, BulkheadFull, DeadlineExceeded } from '@bulkhead/resilience/errors';
import { PeerProblem, PeerUnavailable } from '../errors';
import type { CallContext } from './operation';

/** Timeout of a peer in ms, including retries. */
const respondWithinMs = 3_000;

/**
 * Calls a peer without a request: for an event or a job.
 * @param requestId the call's id in logs, such as the event's id
 * @throws DependencyUnavailable when the peer gives no definite response; anything else as the client throws it
 */
export async function askPeer<T>(
  peer: string,
  { clock, requestId }: { readonly clock: Clock; readonly requestId: string },
  call: (context: CallContext) => Promise<T>,
): Promise<T> {
  const deadline = deadlineAfter(clock, respondWithinMs);
  try {
    return await call({ requestId, deadline });
  } catch (error) {
    throw isUnavailable(error) ? new DependencyUnavailable(peer, { cause: error }) : error;
  } finally {
    deadline.dispose();
  }
}

/** Whether the error concerns the peer as a whole and not this call. Being rejected (401, 403, 429) does, too. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof PeerProblem
    ? error.status !== 400 && error.status !== 422
    : [PeerUnavailable, BreakerOpen, BulkheadFull, DeadlineExceeded, AttemptTimeout].some(
        (kind) => error instanceof kind,
      );

import type { authInternal } from '@bulkhead/contracts/auth/api';
import type { profileInternal } from '@bulkhead/contracts/profile/api';
import { DependencyUnavailable } from '@bulkhead/messaging/subscription';
import type { Clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { AttemptTimeout, BreakerOpen, BulkheadFull, DeadlineExceeded } from '@bulkhead/resilience/errors';
import { PeerProblem, PeerUnavailable } from '@bulkhead/service/errors';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Ids } from '@bulkhead/service/ids';

/** How to reach a person. Lives as long as one attempt to send, and is written nowhere. */
export interface Contact {
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly orderMail: boolean;
}

/** What the sender asks its peers. Both throw DependencyUnavailable when the peer gives no definite answer. */
export interface Directory {
  /** Undefined: profile has not heard of the person yet, or does not know them any more. */
  contact(userId: string): Promise<Contact | undefined>;
  /** A single-use token for a mail that is being sent now. Undefined: there is no such account. */
  token(userId: string, purpose: 'email-verification' | 'password-reset'): Promise<string | undefined>;
}

/** ms that a peer has to answer, retries included. */
const answerWithinMs = 3_000;

export function createDirectory({
  profile,
  auth,
  clock,
  ids,
}: {
  readonly profile: Client<typeof profileInternal>;
  readonly auth: Client<typeof authInternal>;
  readonly clock: Clock;
  readonly ids: Ids;
}): Directory {
  const ask = async <T>(peer: string, call: (context: CallContext) => Promise<T>): Promise<T | undefined> => {
    const deadline = deadlineAfter(clock, answerWithinMs);
    try {
      return await call({ requestId: ids.next(), deadline });
    } catch (error) {
      if (error instanceof PeerProblem && error.slug === 'not-found') return undefined;
      throw isAway(error) ? new DependencyUnavailable(peer, { cause: error }) : error;
    } finally {
      deadline.dispose();
    }
  };

  return {
    async contact(userId) {
      const answer = await ask('profile', (context) => profile.contact({ params: { userId } }, context));
      return answer?.body;
    },
    async token(userId, purpose) {
      const request = { params: { userId }, body: { purpose } };
      const answer = await ask('auth', (context) => auth.mintToken(request, context));
      return answer?.body.token;
    },
  };
}

/** Does the error speak of the peer, and not of this one question? Being refused (401, 403, 429) does, too. */
const isAway = (error: unknown): boolean =>
  error instanceof PeerProblem
    ? error.status !== 400 && error.status !== 422
    : [PeerUnavailable, BreakerOpen, BulkheadFull, DeadlineExceeded, AttemptTimeout].some(
        (kind) => error instanceof kind,
      );

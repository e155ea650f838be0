import type { authInternal } from '@bulkhead/contracts/auth/api';
import type { profileInternal } from '@bulkhead/contracts/profile/api';
import type { Clock } from '@bulkhead/resilience/clock';
import { PeerProblem } from '@bulkhead/service/errors';
import { askPeer } from '@bulkhead/service/http/ask-peer';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Ids } from '@bulkhead/service/ids';

/** A person's contact details. Kept only for one attempt to send, and never stored. */
export interface Contact {
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly orderMail: boolean;
}

/** The sender's calls to its peers. Both throw DependencyUnavailable if the peer gives no definite response. */
export interface Directory {
  /** Undefined: profile has not received the person's registration yet, or has erased them. */
  contact(userId: string): Promise<Contact | undefined>;
  /** A single-use token for a mail that is being sent now. Undefined: there is no such account. */
  token(userId: string, purpose: 'email-verification' | 'password-reset'): Promise<string | undefined>;
}

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
  const ask = <T>(peer: string, call: (context: CallContext) => Promise<T>): Promise<T | undefined> =>
    askPeer(peer, { clock, requestId: ids.next() }, (context) => call(context).catch(undefinedIfNotFound));

  return {
    async contact(userId) {
      const response = await ask('profile', (context) => profile.contact({ params: { userId } }, context));
      return response?.body;
    },
    async token(userId, purpose) {
      const request = { params: { userId }, body: { purpose } };
      const response = await ask('auth', (context) => auth.mintToken(request, context));
      return response?.body.token;
    },
  };
}

const undefinedIfNotFound = (error: unknown): undefined => {
  if (error instanceof PeerProblem && error.slug === 'not-found') return undefined;
  throw error;
};

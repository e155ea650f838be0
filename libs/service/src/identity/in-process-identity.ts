import { randomBytes } from 'node:crypto';
import type { ServiceName } from '@bulkhead/contracts/services';
import { problem } from '../errors';
import type { ServiceIdentityVerifier, ServiceTokens } from './service-identity';

/**
 * Identities of services that share a process: a random secret for each, created at start and never leaving it. It
 * serves as the proof of identity where no socket, and so no signed token, is between two services.
 */
export function createInProcessIdentities(): {
  readonly verifier: ServiceIdentityVerifier;
  tokensOf(caller: ServiceName): ServiceTokens;
} {
  const callers = new Map<string, ServiceName>();
  const words = new Map<ServiceName, string>();
  return {
    verifier: {
      known: (token) => callers.get(token ?? ''),
      async verify(token) {
        if (!token)
          throw problem('unauthenticated', 'This endpoint is internal. A service token is required.');
        const caller = callers.get(token);
        if (!caller) throw problem('forbidden', 'The service token is not accepted.');
        return caller;
      },
    },
    tokensOf(caller) {
      let word = words.get(caller);
      if (word === undefined) {
        word = randomBytes(24).toString('base64url');
        words.set(caller, word);
        callers.set(word, caller);
      }
      const token = word;
      return { tokenFor: async () => token };
    },
  };
}

import { createBulkhead } from '@bulkhead/resilience/bulkhead';
import type { Clock } from '@bulkhead/resilience/clock';
import { hashPassword, isOutdated, verifyPassword } from './argon2';

/** Hashing with bounded use of the machine: more than it can do waits shortly, and is then refused. */
export interface Passwords {
  /** @throws BulkheadFull */
  hash(password: string): Promise<string>;
  /**
   * @param hash of the account, or undefined when there is none: takes as long, and is false
   * @throws BulkheadFull
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /**
   * A new hash of the password for one that was made at another cost than today's. Undefined where the hash is as it
   * should be, and while others wait for a place: the next sign-in will do.
   */
  renew(password: string, hash: string): Promise<string | undefined>;
}

export interface PasswordsOptions {
  readonly clock: Clock;
  /** Hashes at once; each keeps a core and 19 MiB busy. */
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  /** Longest wait for a turn, in ms. */
  readonly maxWaitMs: number;
}

/** Of a password that nobody has: what an unknown address is checked against. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$bm8tYWNjb3VudC1oZXJl$k0Vn0Wzq8b6tq1dQp2m5pUoJ3cYh9sVw7xZrLfTgA4E';

export function createPasswords(options: PasswordsOptions): Passwords {
  const bulkhead = createBulkhead({ name: 'password-hashing', ...options });
  return {
    hash: (password) => bulkhead.execute(() => hashPassword(password)),
    verify: async (password, hash) => {
      const matches = await bulkhead.execute(() => verifyPassword(password, hash ?? nobody));
      return matches && hash !== undefined;
    },
    renew: async (password, hash) =>
      isOutdated(hash) && bulkhead.inFlight < bulkhead.maxConcurrent
        ? bulkhead.execute(() => hashPassword(password))
        : undefined,
  };
}

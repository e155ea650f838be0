import { createBulkhead } from '@bulkhead/resilience/bulkhead';
import type { Clock } from '@bulkhead/resilience/clock';
import { hashPassword, isOutdated, verifyPassword } from './argon2';

/** Hashing with limited use of the machine: excess work waits briefly and is then rejected. */
export interface Passwords {
  /** @throws BulkheadFull */
  hash(password: string): Promise<string>;
  /**
   * @param hash of the account, or undefined when there is none: takes as long, and returns false
   * @throws BulkheadFull
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /**
   * A new hash of the password if the old one has another cost than the current one. Undefined if the hash is up to
   * date, and while others wait for a slot: the next sign-in can do it.
   */
  renew(password: string, hash: string): Promise<string | undefined>;
}

export interface PasswordsOptions {
  readonly clock: Clock;
  /** Maximum number of concurrent hashes; each occupies a core and 19 MiB. */
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  /** Maximum wait for a slot, in ms. */
  readonly maxWaitMs: number;
}

/** Hash of a password that nobody has: unknown addresses are verified against it. */
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

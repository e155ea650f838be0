import type { Job } from '../runtime/jobs';
import type { KeySet } from './key-set';

/** How soon at the latest a withdrawn key stops to count, ms. */
const everyMs = 15_000;

/** Also where nobody asks: a token that a stolen key signed must not be the first to be looked at with old keys. */
export const refreshUserKeys = (keys: KeySet): Job => ({
  name: 'refresh-user-keys',
  everyMs,
  // Nothing waits for it, a shutdown included.
  run: async () => void keys.refresh(),
});

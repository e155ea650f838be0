import type { Job } from '../runtime/jobs';
import type { KeySet } from './key-set';

/** Maximum time until a withdrawn key is no longer accepted, ms. */
const everyMs = 15_000;

/** Also refreshes while idle: a token signed with a stolen key must not be verified with stale keys. */
export const refreshUserKeys = (keys: KeySet): Job => ({
  name: 'refresh-user-keys',
  everyMs,
  // Nothing waits for it, not even a shutdown.
  run: async () => void keys.refresh(),
});

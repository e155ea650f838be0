import type { Job } from '@bulkhead/service/runtime/jobs';
import { seedAdmin } from './accounts/seed-admin';
import type { Auth } from './auth';
import type { AuthConfig } from './config';
import { answerResetRequests } from './passwords/reset-password';
import { prune } from './prune';

const second = 1_000;
const minute = 60 * second;
/** Maximum number of batches per run; the rest waits for the next one. */
const maxResetBatches = 20;

export const authJobs = (auth: Auth, config: AuthConfig): Job[] => [
  { name: 'rotate-keys', everyMs: 10 * second, run: () => auth.accessTokens.rotate() },
  {
    name: 'answer-reset-requests',
    everyMs: second,
    async run(signal) {
      for (let batches = 0; batches < maxResetBatches && !signal.aborted; batches += 1)
        if ((await answerResetRequests(auth)) === 0) return;
    },
  },
  {
    name: 'prune-auth',
    everyMs: minute,
    run: (signal) => prune(auth.database, config.AUTH_AUDIT_DAYS, signal),
  },
  ...adminJob(auth, config),
];

/**
 * A job, since the database may not be available when the service starts. Once the shop is ready, the admin can sign
 * in.
 */
function adminJob(auth: Auth, { AUTH_ADMIN_EMAIL: email, AUTH_ADMIN_PASSWORD: password }: AuthConfig): Job[] {
  if (email === undefined || password === undefined) return [];
  return [
    {
      name: 'seed-admin',
      everyMs: 10 * second,
      beforeReady: true,
      run: () => seedAdmin(auth, { email, password }),
    },
  ];
}

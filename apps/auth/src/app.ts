import { availableParallelism } from 'node:os';
import { confirmErasure } from '@bulkhead/service/erasure/confirm-erasure';
import type { ServiceDefinition } from '@bulkhead/service/service';
import type { Auth } from './auth';
import { AuthConfig, checkConfig } from './config';
import { authDatabase } from './database';
import { erasureSubscription } from './events/erasure';
import { adminOperations } from './http/admin-operations';
import { browserOperations } from './http/browser-operations';
import { serviceOperations } from './http/service-operations';
import { sessionOperations } from './http/session-operations';
import { authJobs } from './jobs';
import { createAccessTokens } from './keys/access-tokens';
import { runRevokeCommand } from './keys/revoke-command';
import { createPasswordAttempts } from './passwords/password-attempts';
import { createPasswords } from './passwords/passwords';
import { deriveSecrets } from './secrets';

const dayMs = 24 * 3600 * 1000;

/**
 * A hash takes about 11 ms of a core: with this many waiting, the last waits 350 ms on one core; further ones are
 * rejected.
 */
const maxQueuedHashes = 32;
const maxHashWaitMs = 2_000;

/** Credentials and sessions, and no other personal data. */
export const authService: ServiceDefinition<typeof AuthConfig> = {
  name: 'auth',
  config: AuthConfig,
  peers: ['profile'],
  database: true,
  checkConfig,
  commands: { 'revoke-signing-keys': (_args, environment) => runRevokeCommand(environment) },
  create(dependencies) {
    const { config, clock, ids, mode, outbox } = dependencies;
    const database = authDatabase(dependencies.database);
    const secrets = deriveSecrets(() => config.AUTH_KEY_ENCRYPTION_SECRET.values);
    const cores = availableParallelism();
    const auth: Auth = {
      database,
      outbox,
      ids,
      secrets,
      passwords: createPasswords({
        clock,
        maxConcurrent: cores,
        maxQueued: maxQueuedHashes * cores,
        maxWaitMs: maxHashWaitMs,
      }),
      attempts: createPasswordAttempts(database, secrets, {
        account: config.AUTH_FREE_ATTEMPTS_PER_ACCOUNT,
        address: config.AUTH_FREE_ATTEMPTS_PER_ADDRESS,
      }),
      accessTokens: createAccessTokens({
        database,
        clock,
        ids,
        encryptionKeys: secrets.keyEncryption,
        algorithm: config.AUTH_TOKEN_ALGORITHM,
        rotateAfterMs: config.AUTH_KEY_ROTATION_DAYS * dayMs,
      }),
    };
    return {
      operations: [
        ...sessionOperations(auth),
        ...browserOperations(auth, mode),
        ...adminOperations(auth),
        ...serviceOperations(auth),
      ],
      subscriptions: [confirmErasure(erasureSubscription(auth), dependencies)],
      jobs: authJobs(auth, config),
      userKeys: () => auth.accessTokens.published(),
      stop: () => database.prisma.$disconnect(),
    };
  },
};

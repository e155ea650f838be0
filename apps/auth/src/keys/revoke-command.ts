import { createDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { ConfigError, type Environment } from '@bulkhead/service/config';
import { DatabaseConfig } from '@bulkhead/service/runtime/base-config';
import { databaseLogins } from '@bulkhead/service/runtime/database-logins';
import { loadServers, withDatabaseUrl } from '@bulkhead/service/server-url';
import { AuthConfig } from '../config';
import { authDatabase } from '../database';
import { deriveSecrets } from '../secrets';
import { revokeKeys } from './rotate-keys';

const CommandConfig = DatabaseConfig.pick({ DATABASE_URL: true, DATABASE_CA_FILE: true }).extend(
  AuthConfig.pick({
    AUTH_KEY_ENCRYPTION_SECRET: true,
    AUTH_TOKEN_ALGORITHM: true,
    AUTH_KEY_ROTATION_DAYS: true,
  }).shape,
);

const dayMs = 24 * 3600 * 1000;

/**
 * `main.js revoke-signing-keys`: withdraws every signing key and creates another one, for use after a key was stolen.
 * Uses the environment of the service. @returns the exit code
 */
export async function runRevokeCommand(environment: Environment): Promise<number> {
  try {
    const config = loadServers(CommandConfig, environment, (given) => withDatabaseUrl('DATABASE', given));
    const pool = createDatabase({
      url: databaseLogins(config),
      applicationName: 'auth revoke-signing-keys',
      poolSize: 1,
    });
    try {
      const { revoked, current } = await revokeKeys(authDatabase(pool), {
        encryptionKeys: deriveSecrets(() => config.AUTH_KEY_ENCRYPTION_SECRET.values).keyEncryption,
        algorithm: config.AUTH_TOKEN_ALGORITHM,
        rotateAfterMs: config.AUTH_KEY_ROTATION_DAYS * dayMs,
      });
      const lines = [
        ...revoked.map((kid) => `revoked ${kid}`),
        `signing with ${current}`,
        `Services refuse what the revoked keys signed within 30 seconds, by ${new Date(systemClock.now() + 30_000).toISOString()}; people go on with their refresh tokens.`,
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
      return 0;
    } finally {
      await pool.close();
    }
  } catch (error) {
    process.stderr.write(`revoke-signing-keys: ${(error as Error).message}\n`);
    return error instanceof ConfigError ? 78 : 1;
  }
}

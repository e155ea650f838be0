import { ConfigError, integer, isWeakSecret } from '@bulkhead/service/config';
import { secret } from '@bulkhead/service/secret';
import type { Mode } from '@bulkhead/service/service';
import { z } from 'zod';
import { Email } from '@bulkhead/contracts/auth/schemas';
import { signingAlgorithms } from './keys/signing-key';
import { isCommonPassword } from './passwords/common-passwords';

/** For development: publicly known, so rejected in production. */
export const developmentSecret = 'development only: not a secret at all';

export const AuthConfig = z.object({
  AUTH_KEY_ENCRYPTION_SECRET: secret(z.string().max(1_000))
    .prefault(developmentSecret)
    .describe('secret that encrypts the signing keys in the database'),
  AUTH_TOKEN_ALGORITHM: z
    .enum(signingAlgorithms, 'must be EdDSA or RS256')
    .default('EdDSA')
    .describe('algorithm of access tokens'),
  AUTH_KEY_ROTATION_DAYS: integer(1, 3_650).default(30).describe('days that a signing key is used'),
  AUTH_ADMIN_EMAIL: Email.optional().describe(
    'email address of the admin account, created at startup if missing',
  ),
  AUTH_ADMIN_PASSWORD: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(128, 'must have at most 128 characters')
    .optional()
    .describe('initial password of that account'),
  AUTH_FREE_ATTEMPTS_PER_ACCOUNT: integer(1, 1_000_000)
    .default(5)
    .describe('failed password attempts before throttling begins'),
  AUTH_FREE_ATTEMPTS_PER_ADDRESS: integer(1, 1_000_000)
    .default(50)
    .describe('the same, for all accounts from one client address'),
  AUTH_AUDIT_DAYS: integer(1, 36_500).default(365).describe('days that the audit log is kept'),
});
export type AuthConfig = z.output<typeof AuthConfig>;

/** Validation beyond the schemas of single variables. @throws ConfigError */
export function checkConfig(config: AuthConfig, mode: Mode): void {
  const { AUTH_ADMIN_EMAIL, AUTH_ADMIN_PASSWORD, AUTH_KEY_ENCRYPTION_SECRET } = config;
  if ((AUTH_ADMIN_EMAIL === undefined) !== (AUTH_ADMIN_PASSWORD === undefined))
    throw new ConfigError('AUTH_ADMIN_EMAIL and AUTH_ADMIN_PASSWORD belong together; set both or none.');
  if (mode !== 'production') return;
  const canBeGuessed = (value: string) => value === developmentSecret || isWeakSecret(value);
  if (AUTH_KEY_ENCRYPTION_SECRET.values.some(canBeGuessed))
    throw new ConfigError(
      'AUTH_KEY_ENCRYPTION_SECRET is the default or too weak, which is refused where NODE_ENV=production; ' +
        'use at least 32 random characters.',
    );
  if (AUTH_ADMIN_PASSWORD !== undefined && isWeakPassword(AUTH_ADMIN_PASSWORD))
    throw new ConfigError(
      'AUTH_ADMIN_PASSWORD is too weak, which is refused where NODE_ENV=production; ' +
        'use at least 12 characters that are not in common use.',
    );
}

const isWeakPassword = (password: string) =>
  password.length < 12 ||
  new Set(password).size < 6 ||
  isCommonPassword(password) ||
  /password|passw0rd|change.?me|admin|bulkhead|secret|12345|qwert/i.test(password);

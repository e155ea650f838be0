import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import type { AuthDatabase } from './database';
import type { AccessTokens } from './keys/access-tokens';
import type { Passwords } from './passwords/passwords';
import type { PasswordAttempts } from './passwords/password-attempts';
import type { Secrets } from './secrets';

/** Dependencies of auth's use cases. */
export interface Auth {
  readonly database: AuthDatabase;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly passwords: Passwords;
  readonly attempts: PasswordAttempts;
  readonly accessTokens: AccessTokens;
}

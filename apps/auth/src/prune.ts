import type { Database } from '@bulkhead/database/database';

const batch = 1_000;
/** How long profile can fetch the name given at registration. */
const nameDays = 7;
const revokedSessionDays = 1;

/**
 * The client cannot skip rows that another replica has locked. Obsolete rows, by table. Each statement deletes at most
 * `batch` rows that no other replica is deleting.
 */
const statements = (auditDays: number): readonly { readonly name: string; readonly text: string }[] => [
  {
    name: 'prune-refresh-tokens',
    text: deleting('refresh_tokens', 'hash', 'expires_at < now()'),
  },
  {
    name: 'prune-sessions',
    text: deleting(
      'sessions',
      'id',
      `expires_at < now() or revoked_at < now() - interval '${revokedSessionDays} days'`,
      batch / 10,
    ),
  },
  { name: 'prune-mail-tokens', text: deleting('one_time_tokens', 'hash', 'expires_at < now()') },
  { name: 'prune-password-attempts', text: deleting('password_attempts', 'key', 'expires_at < now()') },
  {
    name: 'prune-security-events',
    text: deleting('security_events', 'id', `at < now() - interval '${auditDays} days'`),
  },
  {
    name: 'forget-names',
    text: `update accounts set name = null where id in (
      select id from accounts where name is not null and name_read_at < now() - interval '${nameDays} days'
      limit ${batch} for update skip locked)`,
  },
];

const deleting = (table: string, key: string, condition: string, limit = batch) =>
  `delete from ${table} where ${key} in (
    select ${key} from ${table} where ${condition} limit ${limit} for update skip locked)`;

/** Deletes obsolete rows in small batches, until none are left or `signal` aborts. */
export async function prune(database: Database, auditDays: number, signal: AbortSignal): Promise<void> {
  for (const statement of statements(auditDays)) {
    let removed: number;
    do {
      if (signal.aborted) return;
      removed = (await database.query(statement)).rowCount;
    } while (removed >= batch / 10);
  }
}

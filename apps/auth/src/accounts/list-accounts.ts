import type { Auth } from '../auth';
import { accountColumns, type AccountRow, toAccount } from './account';
import { normaliseEmail } from './email';

export interface AccountQuery {
  readonly limit: number;
  /** Id of the last account of the previous page. */
  readonly after: string | undefined;
  /** Prefix of the address. */
  readonly email: string | undefined;
}

/** Accounts by the prefix of their address, oldest first; without erased ones. */
export async function listAccounts({ database }: Auth, { limit, after, email }: AccountQuery) {
  const prefix = email === undefined ? [] : [normaliseEmail(email)];
  // The client does not escape the wildcards of LIKE in a search term.
  const { rows } = await database.query<AccountRow & { created_at: Date }>({
    name: prefix.length > 0 ? 'accounts-by-email' : 'accounts',
    text: `select ${accountColumns}, created_at from accounts
      where email is not null and ($1::uuid is null or id > $1) ${prefix.length > 0 ? 'and email ^@ $3' : ''}
      order by id limit $2`,
    values: [after ?? null, limit + 1, ...prefix],
  });
  const items = rows
    .slice(0, limit)
    .map((row) => ({ ...toAccount(row), createdAt: row.created_at.toISOString() }));
  return { items, hasMore: rows.length > limit };
}

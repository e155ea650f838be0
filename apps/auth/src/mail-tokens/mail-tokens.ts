import { randomBytes } from 'node:crypto';
import type { Queryable } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import { hashToken } from '../secrets';

export type Purpose = 'email-verification' | 'password-reset';

const lifetimeSeconds: Record<Purpose, number> = {
  'email-verification': 24 * 3600,
  'password-reset': 3600,
};

/** Good tokens of one account and purpose: a mail may be sent again, and the first one may be the one that is read. */
const maxTokens = 5;

/** Makes the token of a mail that is about to be sent. @throws ProblemError not-found */
export async function mintMailToken({ database }: Auth, accountId: string, purpose: Purpose) {
  const token = randomBytes(32).toString('base64url');
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<{ expires_at: Date }>({
      name: 'mail-token-mint',
      text: `insert into one_time_tokens (hash, account_id, purpose, expires_at)
        select $1, id, $3, now() + make_interval(secs => $4::float8)
        from accounts where id = $2 and erased_at is null for share
        returning expires_at`,
      values: [hashToken(token), accountId, purpose, lifetimeSeconds[purpose]],
    });
    if (!rows[0]) throw problem('not-found');
    await tx.query({
      name: 'mail-token-cap',
      text: `delete from one_time_tokens where hash in (
          select hash from one_time_tokens where account_id = $1 and purpose = $2 and hash <> $4
          order by created_at desc, hash offset $3)`,
      values: [accountId, purpose, maxTokens - 1, hashToken(token)],
    });
    return { token, expiresAt: rows[0].expires_at.toISOString() };
  });
}

/** @returns whose token it is, as long as it is good */
export async function findMailToken(database: Queryable, token: string, purpose: Purpose): Promise<string> {
  const { rows } = await database.query<{ account_id: string }>({
    name: 'mail-token-find',
    text: 'select account_id from one_time_tokens where hash = $1 and purpose = $2 and expires_at > now()',
    values: [hashToken(token), purpose],
  });
  if (!rows[0]) throw tokenGone();
  return rows[0].account_id;
}

/**
 * Uses a token up, and with it all others of the same account and purpose. The row's lock lets one of several requests
 * have it. @throws ProblemError gone
 */
export async function useMailToken(tx: Queryable, token: string, purpose: Purpose): Promise<string> {
  const { rows } = await tx.query<{ account_id: string }>({
    name: 'mail-token-use',
    text: `delete from one_time_tokens where hash = $1 and purpose = $2 and expires_at > now() returning account_id`,
    values: [hashToken(token), purpose],
  });
  if (!rows[0]) throw tokenGone();
  await tx.query({
    name: 'mail-token-use-others',
    text: 'delete from one_time_tokens where account_id = $1 and purpose = $2',
    values: [rows[0].account_id, purpose],
  });
  return rows[0].account_id;
}

const tokenGone = () => problem('gone', 'The link has already been used or has expired. Request a new one.');

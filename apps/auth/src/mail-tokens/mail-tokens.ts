import { randomBytes } from 'node:crypto';
import { databaseNow } from '@bulkhead/database/prisma';
import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import type { AuthTransaction } from '../database';
import { hashToken } from '../secrets';

export type Purpose = 'email-verification' | 'password-reset';

const lifetimeSeconds: Record<Purpose, number> = {
  'email-verification': 24 * 3600,
  'password-reset': 3600,
};

/**
 * Maximum number of valid tokens per account and purpose: a mail may be sent again, and the user may open the first
 * one.
 */
const maxTokens = 5;

/** Creates the token of a mail to be sent. @throws ProblemError not-found */
export async function mintMailToken({ database }: Auth, accountId: string, purpose: Purpose) {
  const token = randomBytes(32).toString('base64url');
  return database.transaction(async (tx) => {
    // The client cannot insert on a condition, lock a row, nor calculate a time from now.
    const { rows } = await tx.query<{ expires_at: Date }>({
      name: 'mail-token-mint',
      text: `insert into one_time_tokens (hash, account_id, purpose, expires_at)
        select $1, id, $3, now() + make_interval(secs => $4::float8)
        from accounts where id = $2 and erased_at is null for share
        returning expires_at`,
      values: [hashToken(token), accountId, purpose, lifetimeSeconds[purpose]],
    });
    if (!rows[0]) throw problem('not-found');
    // The client cannot select rows by their rank.
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

/** @returns the owner of a valid token */
export async function findMailToken(
  { prisma }: Pick<AuthTransaction, 'prisma'>,
  token: string,
  purpose: Purpose,
): Promise<string> {
  const found = await prisma.oneTimeToken.findFirst({
    where: good(token, purpose),
    select: { accountId: true },
  });
  if (!found) throw tokenGone();
  return found.accountId;
}

/**
 * Consumes a token, and with it all others of the same account and purpose. The row's lock lets only one of several
 * concurrent requests succeed. @throws ProblemError gone
 */
export async function useMailToken(tx: AuthTransaction, token: string, purpose: Purpose): Promise<string> {
  const accountId = await findMailToken(tx, token, purpose);
  const { count } = await tx.prisma.oneTimeToken.deleteMany({ where: good(token, purpose) });
  if (count === 0) throw tokenGone();
  await tx.prisma.oneTimeToken.deleteMany({ where: { accountId, purpose } });
  return accountId;
}

const good = (token: string, purpose: Purpose) => ({
  hash: new Uint8Array(hashToken(token)),
  purpose,
  expiresAt: { gt: databaseNow },
});

const tokenGone = () => problem('gone', 'The link has already been used or has expired. Request a new one.');

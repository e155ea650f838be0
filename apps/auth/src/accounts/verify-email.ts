import { emailVerificationRequested } from '@bulkhead/contracts/auth/events';
import { databaseNow } from '@bulkhead/database/prisma';
import { problem } from '@bulkhead/service/errors';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { useMailToken } from '../mail-tokens/mail-tokens';

const secondsBetweenMails = 60;

/**
 * Requests a verification mail, unless the address is already verified.
 * @throws ProblemError rate-limited when the last was less than a minute ago; not-found for an erased account
 */
export async function requestEmailVerification({ database, outbox }: Auth, accountId: string): Promise<void> {
  await database.transaction(async (tx) => {
    // The client cannot lock a row, nor calculate with times.
    const { rows } = await tx.query<{ verified: boolean; wait_seconds: number; version: number }>({
      text: `select email_verified_at is not null as verified, version, greatest(0,
          ceil($2 - extract(epoch from clock_timestamp() - coalesce(verification_mail_at, 'epoch'))))::int as wait_seconds
        from accounts where id = $1 and erased_at is null for update`,
      values: [accountId, secondsBetweenMails],
    });
    const account = rows[0];
    if (!account) throw problem('not-found');
    if (account.verified) return;
    if (account.wait_seconds > 0)
      throw problem('rate-limited', {
        detail: 'An email was sent less than a minute ago.',
        headers: { 'retry-after': String(account.wait_seconds) },
      });
    // The client knows no time after the transaction began: this may have waited for the row.
    await tx.query({
      text: 'update accounts set verification_mail_at = clock_timestamp(), version = version + 1 where id = $1',
      values: [accountId],
    });
    await outbox.append(tx, [
      {
        definition: emailVerificationRequested,
        subject: accountId,
        aggregateVersion: account.version + 1,
        data: { userId: accountId },
      },
    ]);
  });
}

/** Verifies an address with the mailed token. @throws ProblemError gone */
export async function verifyEmail({ database, ids }: Auth, token: string): Promise<void> {
  await database.transaction(async (tx) => {
    const accountId = await useMailToken(tx, token, 'email-verification');
    const { count } = await tx.prisma.account.updateMany({
      where: { id: accountId, emailVerifiedAt: null, erasedAt: null },
      data: { emailVerifiedAt: databaseNow, version: { increment: 1 } },
    });
    if (count > 0) await recordSecurityEvent(tx, ids, { kind: 'email-verified', accountId });
  });
}

import { passwordChanged, passwordResetRequested } from '@bulkhead/contracts/auth/events';
import { normaliseEmail } from '../accounts/email';
import type { Auth } from '../auth';
import { findMailToken, useMailToken } from '../mail-tokens/mail-tokens';
import { endAccess } from '../sessions/end-access';
import { refuseCommonPassword } from './common-passwords';

/**
 * Records a request to reset the password of an address. Does the same for known and unknown addresses, so that neither
 * the response nor its timing reveals which; `answerResetRequests` processes it later.
 */
export async function requestPasswordReset(
  { database }: Pick<Auth, 'database'>,
  email: string,
): Promise<void> {
  await database.prisma.passwordResetRequest.createMany({
    data: { email: normaliseEmail(email) },
    skipDuplicates: true,
  });
}

const secondsBetweenMails = 60;
const batch = 100;

/**
 * Requests mails for recorded requests of known addresses, at most one a minute each, and deletes the requests.
 * @returns the number of processed requests
 */
export async function answerResetRequests({
  database,
  outbox,
}: Pick<Auth, 'database' | 'outbox'>): Promise<number> {
  return database.transaction(async (tx) => {
    // The client cannot skip rows that another replica has locked.
    const requests = await tx.query<{ email: string }>({
      name: 'password-reset-take',
      text: `delete from password_reset_requests where email in (
          select email from password_reset_requests order by requested_at limit $1 for update skip locked)
        returning email`,
      values: [batch],
    });
    if (requests.rowCount === 0) return 0;
    // The client cannot lock rows in an order, nor compare with a time before now.
    const { rows } = await tx.query<{ id: string; version: number }>({
      name: 'password-reset-mails',
      text: `update accounts set reset_mail_at = now(), version = version + 1
        where id in (
          select id from accounts where email = any ($1)
            and coalesce(reset_mail_at, '-infinity') <= now() - make_interval(secs => $2::float8)
          order by id for update)
        returning id, version`,
      values: [requests.rows.map(({ email }) => email), secondsBetweenMails],
    });
    await outbox.append(
      tx,
      rows.map(({ id, version }) => ({
        definition: passwordResetRequested,
        subject: id,
        aggregateVersion: version,
        data: { userId: id },
      })),
    );
    return requests.rowCount;
  });
}

/**
 * Sets a new password with a mailed token, and ends all sessions. Reading the mail proves ownership of the address, so
 * it counts as verified.
 * @throws ProblemError gone, invalid-request; BulkheadFull
 */
export async function resetPassword(
  { database, outbox, ids, passwords }: Auth,
  { token, newPassword }: { readonly token: string; readonly newPassword: string },
): Promise<void> {
  refuseCommonPassword(newPassword, 'newPassword');
  await findMailToken(database, token, 'password-reset');
  const passwordHash = await passwords.hash(newPassword);
  await database.transaction(async (tx) => {
    const accountId = await useMailToken(tx, token, 'password-reset');
    // The client cannot keep an existing time of a row.
    const { rows } = await tx.query<{ version: number }>({
      text: `update accounts set password_hash = $2, version = version + 1,
          email_verified_at = coalesce(email_verified_at, now())
        where id = $1 and erased_at is null returning version`,
      values: [accountId, passwordHash],
    });
    if (!rows[0]) return;
    await endAccess(tx, ids, 'password-reset', { accountId });
    await outbox.append(tx, [
      {
        definition: passwordChanged,
        subject: accountId,
        aggregateVersion: rows[0].version,
        data: { userId: accountId },
      },
    ]);
  });
}

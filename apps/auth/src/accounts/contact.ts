import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';

/**
 * The address of an account, and its name while it is kept: see forgetNames.
 * @throws ProblemError not-found, for erased accounts too
 */
export async function getContact({ database }: Auth, accountId: string) {
  // The client cannot keep an existing time of a row.
  const { rows } = await database.query<{ email: string; verified: boolean; name: string | null }>({
    name: 'account-contact',
    text: `update accounts set name_read_at = coalesce(name_read_at, now())
      where id = $1 and erased_at is null
      returning email, email_verified_at is not null as verified, name`,
    values: [accountId],
  });
  const account = rows[0];
  if (!account) throw problem('not-found');
  return { userId: accountId, email: account.email, emailVerified: account.verified, name: account.name };
}

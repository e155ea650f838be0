import { problem } from '@bulkhead/service/errors';
import type { ProfileService } from '../profile-service';

/**
 * A person's contact data for mails. During an erasure it is available until notification has responded: the final mail
 * needs it.
 * @throws ProblemError not-found
 */
export async function getContact({ database }: Pick<ProfileService, 'database'>, userId: string) {
  // One snapshot of two tables that no relation joins, which the client would read one after the other.
  const { rows } = await database.query<{
    name: string;
    email: string;
    locale: string;
    order_mail: boolean;
  }>({
    name: 'profile-contact',
    text: `select name, email, locale, order_mail from profiles
      where user_id = $1 and not exists (
        select from erasures join erasure_answers on erasure_id = erasures.id
        where erasures.user_id = $1 and service = 'notification')`,
    values: [userId],
  });
  const contact = rows[0];
  if (!contact) throw problem('not-found');
  const { name, email, locale, order_mail: orderMail } = contact;
  return { userId, name, email, locale, orderMail };
}

import type { Queryable } from '@bulkhead/database/database';
import { PeerProblem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { ProfileService } from '../profile-service';

/**
 * Creates the profile of a person from auth's data. Does nothing if there already is one, or if the person has been or
 * is being erased.
 * @returns false when there is no such person (any more)
 * @throws what the client of auth throws when auth cannot be called
 */
export async function createProfile(
  { auth }: Pick<ProfileService, 'auth'>,
  database: Queryable,
  userId: string,
  context: CallContext,
): Promise<boolean> {
  const contact = await contactOf(auth, userId, context);
  if (!contact) return false;
  // The client cannot insert on a condition: nobody who is being erased gets a profile again.
  const { rowCount } = await database.query({
    name: 'profile-create',
    text: `insert into profiles (user_id, email, name)
      select $1::uuid, $2, $3 where not exists (select from erasures where user_id = $1)
      on conflict do nothing`,
    values: [userId, contact.email, contact.name ?? ''],
  });
  return rowCount > 0;
}

async function contactOf(auth: ProfileService['auth'], userId: string, context: CallContext) {
  try {
    return (await auth.contact({ params: { userId } }, context)).body;
  } catch (error) {
    if (error instanceof PeerProblem && error.slug === 'not-found') return undefined;
    throw error;
  }
}

import { problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Versions } from '@bulkhead/service/http/preconditions';
import type { Profile } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';
import { getProfile } from './get-profile';

/** A JSON merge patch (RFC 7396) of a profile: absent stays, null goes back to the default. */
export interface ProfilePatch {
  readonly name?: string | undefined;
  readonly locale?: string | null | undefined;
  readonly preferences?: { readonly orderMail?: boolean | null | undefined } | null | undefined;
}

const defaults = { locale: 'en', orderMail: true };

/**
 * Changes what the patch names.
 * @param versions the versions it may be applied to, or 'any'
 * @throws ProblemError precondition-failed, not-found
 */
export async function updateProfile(
  service: ProfileService,
  userId: string,
  patch: ProfilePatch,
  versions: Versions,
  context: CallContext,
): Promise<Profile> {
  await getProfile(service, userId, context);
  const { name, locale, preferences } = patch;
  const orderMail = preferences === null ? null : preferences?.orderMail;
  const { rows } = await service.database.query<Profile>({
    text: `update profiles set name = coalesce($2, name), locale = coalesce($3, locale),
        order_mail = coalesce($4, order_mail), version = version + 1, updated_at = now()
      where user_id = $1 and ($5::int[] is null or version = any ($5))
      returning user_id as "userId", email, name, locale, order_mail as "orderMail", version,
        created_at as "createdAt", updated_at as "updatedAt"`,
    values: [
      userId,
      name ?? null,
      locale === null ? defaults.locale : (locale ?? null),
      orderMail === null ? defaults.orderMail : (orderMail ?? null),
      versions === 'any' ? null : versions,
    ],
  });
  const updated = rows[0];
  if (!updated)
    throw problem('precondition-failed', 'The profile has changed since you read it. Read it again.');
  return updated;
}

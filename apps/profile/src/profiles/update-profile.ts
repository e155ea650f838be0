import { databaseNow } from '@bulkhead/database/prisma';
import { problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Versions } from '@bulkhead/service/http/preconditions';
import type { Profile } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';
import { getProfile } from './get-profile';

/** A JSON merge patch (RFC 7396) of a profile: absent fields stay, null resets to the default. */
export interface ProfilePatch {
  readonly name?: string | undefined;
  readonly locale?: string | null | undefined;
  readonly preferences?: { readonly orderMail?: boolean | null | undefined } | null | undefined;
}

const defaults = { locale: 'en', orderMail: true };

/**
 * Applies the patch.
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
  const [updated] = await service.database.prisma.profile.updateManyAndReturn({
    where: { userId, ...(versions === 'any' ? {} : { version: { in: [...versions] } }) },
    data: {
      ...(name !== undefined && { name }),
      ...(locale !== undefined && { locale: locale ?? defaults.locale }),
      ...(orderMail !== undefined && { orderMail: orderMail ?? defaults.orderMail }),
      version: { increment: 1 },
      updatedAt: databaseNow,
    },
  });
  if (!updated)
    throw problem('precondition-failed', 'The profile has changed since you read it. Read it again.');
  return updated;
}

import type { Profile as ProfileSchema } from '@bulkhead/contracts/profile/api';
import { problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { z } from 'zod';
import type { Profile } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';
import { createProfile } from './create-profile';

/**
 * The profile of a signed-in person.
 * @throws ProblemError not-found after they requested an erasure; what the client of auth throws when it is unavailable
 */
export async function getProfile(
  service: ProfileService,
  userId: string,
  context: CallContext,
): Promise<Profile> {
  // Kept until the final mail was sent, but the person can no longer see or change it.
  const isForgotten = (await service.database.prisma.erasure.count({ where: { userId } })) > 0;
  const profile = isForgotten ? null : await findOrCreateProfile(service, userId, context);
  if (!profile) throw problem('not-found', 'The profile no longer exists.');
  return profile;
}

/**
 * The profile of a person, including erased ones. If the registration event has not arrived yet, auth is asked, so that
 * nobody has to wait for an event.
 */
export async function findOrCreateProfile(
  service: ProfileService,
  userId: string,
  context: CallContext,
): Promise<Profile | null> {
  const find = () => service.database.prisma.profile.findUnique({ where: { userId } });
  const known = await find();
  if (known) return known;
  await createProfile(service, service.database, userId, context);
  return find();
}

export const showProfile = (profile: Profile): z.input<typeof ProfileSchema> => ({
  id: profile.userId,
  email: profile.email,
  name: profile.name,
  locale: profile.locale,
  preferences: { orderMail: profile.orderMail },
  createdAt: profile.createdAt.toISOString(),
  updatedAt: profile.updatedAt.toISOString(),
});

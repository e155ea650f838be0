import type { Profile as ProfileSchema } from '@bulkhead/contracts/profile/api';
import { problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { z } from 'zod';
import type { Profile } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';
import { createProfile } from './create-profile';

/**
 * The profile of a signed-in person. One whose registration has not been heard of yet is asked for at auth, so that
 * nobody has to wait for an event.
 * @throws ProblemError not-found for who has asked to be forgotten; what the client of auth throws when it is away
 */
export async function getProfile(
  service: ProfileService,
  userId: string,
  context: CallContext,
): Promise<Profile> {
  const { prisma, database } = service;
  const known = await findProfile(prisma, userId);
  if (known) return known;
  const isForgotten = (await prisma.erasure.count({ where: { userId } })) > 0;
  if (isForgotten) throw forgotten();
  await createProfile(service, database, userId, context);
  const created = await findProfile(prisma, userId);
  if (!created) throw forgotten();
  return created;
}

const forgotten = () => problem('not-found', 'There is no profile any more.');

const findProfile = async (prisma: ProfileService['prisma'], userId: string) => {
  const profile = await prisma.profile.findUnique({ where: { userId } });
  if (!profile) return null;
  // Kept until the farewell was sent, but no longer the person's to see or change.
  return (await prisma.erasure.count({ where: { userId } })) > 0 ? null : profile;
};

export const showProfile = (profile: Profile): z.input<typeof ProfileSchema> => ({
  id: profile.userId,
  email: profile.email,
  name: profile.name,
  locale: profile.locale,
  preferences: { orderMail: profile.orderMail },
  createdAt: profile.createdAt.toISOString(),
  updatedAt: profile.updatedAt.toISOString(),
});

import type { ProfileService } from '../profile-service';

/** The erasure that a person asked for; null where they did not. It is known as long as any event of it may be. */
export async function findErasure(
  { database }: Pick<ProfileService, 'database'>,
  userId: string,
): Promise<{ readonly erasureId: string | null }> {
  const erasure = await database.prisma.erasure.findUnique({ where: { userId }, select: { id: true } });
  return { erasureId: erasure?.id ?? null };
}

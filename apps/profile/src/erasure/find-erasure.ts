import type { ProfileService } from '../profile-service';

/** A person's erasure; null if they requested none. It is kept for as long as any event of it may arrive. */
export async function findErasure(
  { database }: Pick<ProfileService, 'database'>,
  userId: string,
): Promise<{ readonly erasureId: string | null }> {
  const erasure = await database.prisma.erasure.findUnique({ where: { userId }, select: { id: true } });
  return { erasureId: erasure?.id ?? null };
}

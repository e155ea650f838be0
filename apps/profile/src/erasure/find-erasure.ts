import type { ProfileService } from '../profile-service';

/** The erasure that a person asked for; null where they did not. It is known as long as any event of it may be. */
export async function findErasure(
  { database }: Pick<ProfileService, 'database'>,
  userId: string,
): Promise<{ readonly erasureId: string | null }> {
  const { rows } = await database.query<{ id: string }>({
    name: 'find-erasure',
    text: 'select id from erasures where user_id = $1',
    values: [userId],
  });
  return { erasureId: rows[0]?.id ?? null };
}

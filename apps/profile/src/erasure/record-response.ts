import { type ErasingService, erasingServices } from '@bulkhead/contracts/services';
import { databaseNow } from '@bulkhead/database/prisma';
import type { ProfileTransaction } from '../database';

/**
 * Records that a service has erased a person; after the last one, profile does, too. The erasure's lock makes one of
 * two concurrent last responses see the other. A response to an unknown or completed erasure changes nothing.
 */
export async function recordResponse(
  tx: ProfileTransaction,
  { erasureId, userId }: { readonly erasureId: string; readonly userId: string },
  service: ErasingService,
): Promise<void> {
  // The client cannot lock a row.
  const erasure = await tx.query({
    text: 'select from erasures where id = $1 and user_id = $2 and completed_at is null for update',
    values: [erasureId, userId],
  });
  if (erasure.rowCount === 0) return;
  const { prisma } = tx;
  await prisma.erasureAnswer.createMany({ data: { erasureId, service }, skipDuplicates: true });
  if ((await prisma.erasureAnswer.count({ where: { erasureId } })) !== erasingServices.length) return;
  await prisma.profile.deleteMany({ where: { userId } });
  await prisma.erasure.updateMany({ where: { id: erasureId }, data: { completedAt: databaseNow } });
}

import { type ErasingService, erasingServices } from '@bulkhead/contracts/profile/api';
import type { Transaction } from '@bulkhead/database/database';

/**
 * Takes note that a service has forgotten a person; when all have, profile does, too. The erasure's lock lets of two
 * last answers one see the other. An answer to an erasure that is not known or complete changes nothing.
 */
export async function recordAnswer(
  tx: Transaction,
  { erasureId, userId }: { readonly erasureId: string; readonly userId: string },
  service: ErasingService,
): Promise<void> {
  const erasure = await tx.query({
    text: 'select from erasures where id = $1 and user_id = $2 and completed_at is null for update',
    values: [erasureId, userId],
  });
  if (erasure.rowCount === 0) return;
  await tx.query({
    text: 'insert into erasure_answers (erasure_id, service) values ($1, $2) on conflict do nothing',
    values: [erasureId, service],
  });
  const { rows } = await tx.query<{ answers: number }>({
    text: 'select count(*)::int as answers from erasure_answers where erasure_id = $1',
    values: [erasureId],
  });
  if (rows[0]?.answers !== erasingServices.length) return;
  await tx.query({ text: 'delete from profiles where user_id = $1', values: [userId] });
  await tx.query({ text: 'update erasures set completed_at = now() where id = $1', values: [erasureId] });
}

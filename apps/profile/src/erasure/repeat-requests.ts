import { erasureRequested } from '@bulkhead/contracts/profile/events';
import type { Database } from '@bulkhead/database/database';
import type { ProfileService } from '../profile-service';

export const firstRepeatAfter = '1 hour';
const maxRequests = 10;
const batch = 20;

interface Row {
  readonly id: string;
  readonly user_id: string;
  readonly requests: number;
}

/**
 * Repeats requests without a response: the message may have become a dead letter. The delay doubles each time; after
 * ten requests an operator has to look.
 */
export async function repeatRequests({
  database,
  outbox,
  logger,
}: { readonly database: Database } & Pick<ProfileService, 'outbox' | 'logger'>): Promise<void> {
  await database.transaction(async (tx) => {
    // The client cannot skip rows that another replica has locked, nor calculate a time from the database's clock.
    const { rows } = await tx.query<Row>({
      name: 'erasure-repeat',
      text: `update erasures set requests = requests + 1,
          repeat_at = now() + $1::interval * power(2, requests)
        where id in (
          select id from erasures where completed_at is null and repeat_at <= now() and requests < $2
          order by repeat_at limit $3 for update skip locked)
        returning id, user_id, requests`,
      values: [firstRepeatAfter, maxRequests, batch],
    });
    await outbox.append(
      tx,
      rows.map(({ id, user_id, requests }) => ({
        definition: erasureRequested,
        subject: user_id,
        aggregateVersion: requests,
        data: { userId: user_id, erasureId: id },
      })),
    );
    for (const { user_id, requests } of rows)
      logger.warn(
        { userId: user_id, attempt: requests },
        'erasure is not complete; services are asked again',
      );
  });
}

import type { Queryable } from '@bulkhead/database/database';

export type ProviderOperation = 'authorise' | 'capture' | 'void' | 'refund';
export type AttemptOutcome = 'done' | 'refused' | 'not-sent' | 'unknown';

/** Written before the provider is called, so that after a crash it is known that it may have been. */
export const beginAttempt = async (
  database: Queryable,
  attempt: {
    readonly id: string;
    readonly paymentId: string;
    readonly operation: ProviderOperation;
    readonly idempotencyKey: string;
  },
): Promise<void> => {
  await database.query({
    name: 'attempt-begin',
    text: `insert into provider_attempts (id, payment_id, operation, idempotency_key) values ($1, $2, $3, $4)`,
    values: [attempt.id, attempt.paymentId, attempt.operation, attempt.idempotencyKey],
  });
};

export const finishAttempt = async (
  database: Queryable,
  id: string,
  outcome: AttemptOutcome,
): Promise<void> => {
  await database.query({
    name: 'attempt-finish',
    text: `update provider_attempts set finished_at = now(), outcome = $2 where id = $1`,
    values: [id, outcome],
  });
};

/** Was there a call with this key whose effect is not known: cut off by a crash, or never answered? */
export const mayHaveActed = async (
  database: Queryable,
  paymentId: string,
  idempotencyKey: string,
): Promise<boolean> => {
  const { rows } = await database.query({
    name: 'attempt-open',
    text: `select 1 from provider_attempts
      where payment_id = $1 and idempotency_key = $2 and (outcome is null or outcome = 'unknown') limit 1`,
    values: [paymentId, idempotencyKey],
  });
  return rows.length > 0;
};

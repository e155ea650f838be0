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

/** @param keyIsSpent the provider gives the same response to this key for ever */
export const finishAttempt = async (
  database: Queryable,
  id: string,
  outcome: AttemptOutcome,
  keyIsSpent = false,
): Promise<void> => {
  await database.query({
    name: 'attempt-finish',
    text: `update provider_attempts set finished_at = now(), outcome = $2, key_is_spent = $3 where id = $1`,
    values: [id, outcome, keyIsSpent],
  });
};

/** What is known of the calls that were made for one purpose of a payment. */
export interface EarlierAttempts {
  /** Has one of them had an effect that was recorded? */
  readonly hasActed: boolean;
  /** May one have had an effect that is not known: cut off by a crash, or without a response? */
  readonly mayHaveActed: boolean;
  /** The key of the next: the purpose's own, or a further one where the provider only repeats itself. */
  readonly idempotencyKey: string;
}

/** @param purpose the first key; those after it are `<purpose>:2`, `<purpose>:3` … */
export const earlierAttempts = async (
  database: Queryable,
  paymentId: string,
  purpose: string,
): Promise<EarlierAttempts> => {
  const { rows } = await database.query<{ hasActed: boolean; mayHaveActed: boolean; spentKeys: number }>({
    name: 'attempts-earlier',
    text: `select coalesce(bool_or(outcome = 'done'), false) as "hasActed",
        coalesce(bool_or(outcome is null or outcome = 'unknown'), false) as "mayHaveActed",
        (count(distinct idempotency_key) filter (where key_is_spent))::int as "spentKeys"
      from provider_attempts
      where payment_id = $1 and (idempotency_key = $2 or starts_with(idempotency_key, $2 || ':'))`,
    values: [paymentId, purpose],
  });
  const { hasActed, mayHaveActed, spentKeys } = rows[0]!;
  return {
    hasActed,
    mayHaveActed,
    idempotencyKey: spentKeys === 0 ? purpose : `${purpose}:${spentKeys + 1}`,
  };
};

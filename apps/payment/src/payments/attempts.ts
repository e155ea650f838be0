import type { Queryable } from '@bulkhead/database/database';

export type ProviderOperation = 'authorise' | 'capture' | 'void' | 'refund';
export type AttemptOutcome = 'done' | 'refused' | 'not-sent' | 'unknown';

/** $1 payment, $2 purpose */
const ofPurpose = `payment_id = $1 and (idempotency_key = $2 or starts_with(idempotency_key, $2 || ':'))`;
const known = `coalesce(bool_or(outcome = 'done'), false) as "hasActed",
        coalesce(bool_or(outcome is null or outcome = 'unknown'), false) as "mayHaveActed"`;

/** @param keyIsSpent the provider will always return the same response to this key */
export const finishAttempt = async (
  database: Queryable,
  id: string,
  outcome: AttemptOutcome,
  keyIsSpent = false,
): Promise<void> => {
  // On the hot path of each payment: the client prepares no statement.
  await database.query({
    name: 'attempt-finish',
    text: `update provider_attempts set finished_at = now(), outcome = $2, key_is_spent = $3 where id = $1`,
    values: [id, outcome, keyIsSpent],
  });
};

/** Summary of the calls made for one purpose of a payment. */
export interface EarlierAttempts {
  /** Whether one of them had a recorded effect. */
  readonly hasActed: boolean;
  /** Whether one may have had an unknown effect: interrupted by a crash, or without a response. */
  readonly mayHaveActed: boolean;
}

/** @param purpose the first key; the next ones are `<purpose>:2`, `<purpose>:3` … */
export const earlierAttempts = async (
  database: Queryable,
  paymentId: string,
  purpose: string,
): Promise<EarlierAttempts> => {
  // The client cannot sum up booleans.
  const { rows } = await database.query<EarlierAttempts>({
    name: 'attempts-earlier',
    text: `select ${known} from provider_attempts where ${ofPurpose}`,
    values: [paymentId, purpose],
  });
  return rows[0]!;
};

/** A recorded attempt, whose call may follow. */
export interface Attempt {
  readonly id: string;
  readonly idempotencyKey: string;
}

/**
 * Records an attempt before the provider is called, so that after a crash it is known that the call may have been made.
 * Not if an earlier one for the same purpose has acted or may have: the provider must be queried about that first. Its
 * key is the purpose's own, or a further one if the provider only repeats its response.
 * @param regardless the provider was queried about the earlier ones
 * @returns undefined if nothing was written
 */
export const beginAttempt = async (
  database: Queryable,
  attempt: {
    readonly id: string;
    readonly paymentId: string;
    readonly operation: ProviderOperation;
    readonly purpose: string;
  },
  regardless: boolean,
): Promise<Attempt | undefined> => {
  // The client cannot insert on a condition.
  const { rows } = await database.query<Attempt>({
    name: 'attempt-begin',
    text: `with earlier as (
        select ${known}, (count(distinct idempotency_key) filter (where key_is_spent))::int as spent
        from provider_attempts where ${ofPurpose}
      )
      insert into provider_attempts (id, payment_id, operation, idempotency_key)
      select $3::uuid, $1, $4, case when spent = 0 then $2 else $2 || ':' || (spent + 1) end
      from earlier where $5 or not ("hasActed" or "mayHaveActed")
      returning id, idempotency_key as "idempotencyKey"`,
    values: [attempt.paymentId, attempt.purpose, attempt.id, attempt.operation, regardless],
  });
  return rows[0];
};

import type { Queryable } from '@bulkhead/database/database';
import { pruneAll } from '@bulkhead/durable/prune';
import { problem } from '@bulkhead/service/errors';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { findKey, pruneKeys, recordAnswer, takeOverKey } from './idempotency.sql';

/** One use of an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): it counts for one user and route. */
export interface KeyUse {
  readonly userId: string;
  /** Method and route. */
  readonly scope: string;
  readonly key: string;
  /** Hash of what was asked. */
  readonly fingerprint: Buffer;
}

/** An answer as it was first sent, to be sent again byte for byte. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type KeyState =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly answer: RecordedAnswer }
  /** Its holder died after the order was written: the order is to be answered for. */
  | { readonly kind: 'abandoned'; readonly orderId: string };

interface KeyRow {
  readonly fingerprint: Buffer;
  readonly order_id: string;
  readonly held: boolean;
  readonly status: number | null;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Looks a key up.
 * @throws ProblemError `idempotency-key-reused` when it came with another request, `idempotency-in-progress` while the
 *   first one still runs
 */
export async function lookUpKey(db: Queryable, use: KeyUse, leaseMs: number): Promise<KeyState> {
  const name = [use.userId, use.scope, use.key];
  const { rows } = await db.query<KeyRow>({ ...findKey, values: name });
  const [row] = rows;
  if (!row) return { kind: 'new' };
  if (!row.fingerprint.equals(use.fingerprint)) throw problem('idempotency-key-reused');
  if (row.status !== null)
    return { kind: 'answered', answer: { status: row.status, headers: row.headers, body: row.body } };
  if (row.held) throw inProgress();
  const taken = await db.query({ ...takeOverKey, values: [...name, leaseMs] });
  if (taken.rowCount === 0) throw inProgress();
  return { kind: 'abandoned', orderId: row.order_id };
}

/** Records the answer to a key, unless there is one. @returns the one that stays */
export async function recordAnswerOnce(
  db: Queryable,
  use: KeyUse,
  orderId: string,
  answer: RecordedAnswer,
): Promise<RecordedAnswer> {
  const name = [use.userId, use.scope, use.key];
  const { rowCount } = await db.query({
    ...recordAnswer,
    values: [...name, orderId, answer.status, JSON.stringify(answer.headers), answer.body],
  });
  if (rowCount > 0) return answer;
  const { rows } = await db.query<KeyRow>({ ...findKey, values: name });
  const [row] = rows;
  return row?.status == null ? answer : { status: row.status, headers: row.headers, body: row.body };
}

export const inProgress = () => problem('idempotency-in-progress', { headers: { 'retry-after': '1' } });

/** Forgets keys when their time is over, in small batches. */
export const createKeyPruning = (db: Queryable): Job => ({
  name: 'prune-idempotency-keys',
  everyMs: 60_000,
  run: async (signal) => void (await pruneAll(db, pruneKeys, { signal })),
});

import type { Queryable } from '@bulkhead/database/database';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { pruneAll } from '@bulkhead/durable/prune';
import { problem } from '@bulkhead/service/errors';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { findKeys, pruneKeys, recordResponses, takeOverKey } from './idempotency.sql';

/** One use of an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), scoped to one user and route. */
export interface KeyUse {
  readonly userId: string;
  /** Method and route. */
  readonly scope: string;
  readonly key: string;
  /** Hash of the request. */
  readonly fingerprint: Buffer;
}

/** A response as it was first sent, to be repeated byte for byte. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type KeyState =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly answer: RecordedResponse }
  /** Its holder crashed after the order was written: the response is still to be determined. */
  | { readonly kind: 'abandoned'; readonly orderId: string };

interface KeyRow {
  readonly fingerprint: Buffer;
  readonly order_id: string;
  readonly held: boolean;
  readonly status: number | null;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Keys and their responses. Concurrent look-ups are combined into one statement. */
export interface Keys {
  /**
   * Looks a key up.
   * @throws ProblemError `idempotency-key-reused` when it was used for another request, `idempotency-in-progress` while
   *   the first one is still running
   */
  lookUp(use: KeyUse): Promise<KeyState>;
  /** Stores the response to a key unless there is one. @returns the stored one */
  recordOnce(use: KeyUse, orderId: string, answer: RecordedResponse): Promise<RecordedResponse>;
}

interface Recording {
  readonly use: KeyUse;
  readonly orderId: string;
  readonly answer: RecordedResponse;
}

const limits = {
  maxBatch: 64,
  maxQueue: 10_000,
  concurrency: 2,
  isOutage: (error: unknown) => error instanceof DatabaseUnavailable || isContended(error),
};

/** @param leaseMs how long a request may hold its key before it counts as abandoned */
export function createKeys(db: Queryable, leaseMs: number): Keys {
  const finding = createMicroBatcher<KeyUse, KeyRow | undefined>({
    ...limits,
    async run(uses) {
      const { rows } = await db.query<KeyRow & Pick<KeyUse, 'userId' | 'scope' | 'key'>>({
        ...findKeys,
        values: namesOf(uses),
      });
      const found = new Map(rows.map((row) => [nameOf(row), row]));
      return uses.map((use) => found.get(nameOf(use)));
    },
  });
  /** The order of each stored response. Requests with one key are handled one at a time. */
  const recording = createMicroBatcher<Recording, boolean>({
    ...limits,
    async run(asked) {
      const { rows } = await db.query<{ orderId: string }>({
        ...recordResponses,
        values: [
          ...namesOf(asked.map(({ use }) => use)),
          asked.map(({ orderId }) => orderId),
          asked.map(({ answer }) => answer.status),
          asked.map(({ answer }) => JSON.stringify(answer.headers)),
          asked.map(({ answer }) => answer.body),
        ],
      });
      const recorded = new Set(rows.map(({ orderId }) => orderId));
      // Of two for one order either may be stored: both have to check which.
      const isAlone = ({ orderId }: Recording) =>
        asked.filter((other) => other.orderId === orderId).length === 1;
      return asked.map((one) => recorded.has(one.orderId) && isAlone(one));
    },
  });

  return {
    async lookUp(use) {
      const row = await finding.submit(use);
      if (!row) return { kind: 'new' };
      if (!row.fingerprint.equals(use.fingerprint)) throw problem('idempotency-key-reused');
      if (row.status !== null)
        return { kind: 'answered', answer: { status: row.status, headers: row.headers, body: row.body } };
      if (row.held) throw inProgress();
      const taken = await db.query({ ...takeOverKey, values: [use.userId, use.scope, use.key, leaseMs] });
      if (taken.rowCount === 0) throw inProgress();
      return { kind: 'abandoned', orderId: row.order_id };
    },

    async recordOnce(use, orderId, answer) {
      if (await recording.submit({ use, orderId, answer })) return answer;
      const row = await finding.submit(use);
      return row?.status == null ? answer : { status: row.status, headers: row.headers, body: row.body };
    },
  };
}

const namesOf = (uses: readonly KeyUse[]) => [
  uses.map(({ userId }) => userId),
  uses.map(({ scope }) => scope),
  uses.map(({ key }) => key),
];

const nameOf = ({ userId, scope, key }: Pick<KeyUse, 'userId' | 'scope' | 'key'>): string =>
  `${userId} ${scope} ${key}`;

export const inProgress = () => problem('idempotency-in-progress', { headers: { 'retry-after': '1' } });

/** Deletes expired keys in small batches. */
export const createKeyPruning = (db: Queryable): Job => ({
  name: 'prune-idempotency-keys',
  everyMs: 60_000,
  run: async (signal) => void (await pruneAll(db, pruneKeys, { signal })),
});

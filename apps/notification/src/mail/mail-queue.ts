import { notificationErased } from '@bulkhead/contracts/profile/events';
import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable } from '@bulkhead/database/errors';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { retry } from '@bulkhead/resilience/retry';
import type { Ids } from '@bulkhead/service/ids';
import type { TemplateName } from '../templates/templates';
import { claim, claimExpired, end, markSending, postpone, putBack, remove } from './mail-queue.sql';

/** A mail in hand. */
export interface ClaimedMail {
  readonly eventId: string;
  readonly template: TemplateName;
  readonly userId: string;
  readonly facts: unknown;
  /** From 1. */
  readonly attempt: number;
  readonly lease: string;
  readonly traceparent: string | null;
  /** Nobody has any use for it any more. */
  readonly expired: boolean;
}

export type MailEnd = 'sent' | 'failed' | 'dropped';

/** How long a mail in hand is nobody else's, ms: longer than all that one attempt may take together. */
const defaultLeaseMs = 120_000;

export interface MailQueueDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly leaseMs?: number;
}

const pausesMs = { baseDelayMs: 100, maxDelayMs: 2_000 };

/**
 * The queue of mails in the service's database, shared by all replicas. What became of a mail is written again and again
 * while the database is away, for half a lease: a mail whose end was not noted would go out twice.
 */
export function createMailQueue(dependencies: MailQueueDependencies) {
  const { database, outbox, ids, clock, leaseMs = defaultLeaseMs } = dependencies;

  /** Every write names the lease, so that one whose answer was lost changes nothing when it is repeated. */
  const insist = async (write: () => Promise<unknown>): Promise<void> => {
    const deadline = deadlineAfter(clock, leaseMs / 2);
    const isRetryable = (error: unknown) => error instanceof DatabaseUnavailable;
    try {
      await retry(write, { clock, deadline, attempts: Infinity, ...pausesMs, isRetryable });
    } finally {
      deadline.dispose();
    }
  };
  const ofLease = ({ eventId, template, lease }: ClaimedMail) => [eventId, template, lease];

  return {
    /** Up to `limit` mails that are due and have one of the templates. */
    async claim(limit: number, among: readonly TemplateName[]): Promise<ClaimedMail[]> {
      const values = [ids.next(), leaseMs, limit, among];
      return (await database.query<ClaimedMail>({ ...claim, values })).rows;
    },

    /** Up to `limit` that are too old to be sent. */
    async claimExpired(limit: number): Promise<ClaimedMail[]> {
      const values = [ids.next(), leaseMs, limit];
      return (await database.query<ClaimedMail>({ ...claimExpired, values })).rows;
    },

    /** @returns false when the mail is no longer in hand: its lease was lost, or its person was forgotten */
    async markSending(mail: ClaimedMail): Promise<boolean> {
      return (await database.query({ ...markSending, values: [...ofLease(mail), leaseMs] })).rowCount > 0;
    },

    /** Due again after `delayMs`. `attempts` is how many this used up. */
    async putBack(mail: ClaimedMail, delayMs: number, attempts: 0 | 1, reason: string): Promise<void> {
      const values = [...ofLease(mail), delayMs, attempts, reason];
      await insist(() => database.query({ ...putBack, values }));
    },

    /** Due again when the older half of its age has passed once more; uses up no attempt. */
    async postpone(mail: ClaimedMail, reason: string): Promise<void> {
      await insist(() => database.query({ ...postpone, values: [...ofLease(mail), reason] }));
    },

    /** The mail's story is over. With a farewell, so is the erasure: its answer goes out in the same transaction. */
    async end(mail: ClaimedMail, state: MailEnd, reason: string | undefined): Promise<void> {
      if (mail.template !== 'farewell') {
        const values = [...ofLease(mail), state, reason ?? null];
        return insist(() => database.query({ ...end, values }));
      }
      const { erasureId } = mail.facts as { erasureId: string };
      const data = { userId: mail.userId, erasureId };
      const answer = { definition: notificationErased, subject: mail.userId, aggregateVersion: 1, data };
      await insist(() =>
        database.transaction(async (tx) => {
          const { rowCount } = await tx.query({ ...remove, values: ofLease(mail) });
          if (rowCount > 0) await outbox.append(tx, [answer]);
        }),
      );
    },
  };
}

export type MailQueue = ReturnType<typeof createMailQueue>;

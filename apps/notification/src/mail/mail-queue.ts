import { erased } from '@bulkhead/contracts/profile/erased';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { retry } from '@bulkhead/resilience/retry';
import type { Ids } from '@bulkhead/service/ids';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import type { NotificationDatabase } from '../database';
import type { TemplateName } from '../templates/templates';
import { claim, claimExpired, end, markSending, postpone, putBack } from './mail-queue.sql';

/** A claimed mail. */
export interface ClaimedMail {
  readonly eventId: string;
  readonly template: TemplateName;
  readonly userId: string;
  readonly facts: unknown;
  /** From 1. */
  readonly attempt: number;
  readonly lease: string;
  readonly traceparent: string | null;
  /** It has expired and is no longer useful. */
  readonly expired: boolean;
}

export type MailEnd = 'sent' | 'failed' | 'dropped';

/** Lease of a claimed mail, ms: longer than everything that one attempt may take. */
const defaultLeaseMs = 120_000;

export interface MailQueueDependencies {
  readonly database: NotificationDatabase;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly leaseMs?: number;
}

interface Ending {
  readonly mail: ClaimedMail;
  readonly state: MailEnd;
  readonly reason: string | undefined;
}

/** More than the maximum number of claimed mails: none is rejected. */
const together = {
  maxBatch: 100,
  maxQueue: 10_000,
  isOutage: (error: unknown) => error instanceof DatabaseUnavailable || isContended(error),
};

const pausesMs = { baseDelayMs: 100, maxDelayMs: 2_000 };

/**
 * The queue of mails in the service's database, shared by all replicas. While the database is unavailable, the write of
 * a mail's result is retried for half a lease: a mail whose result is not recorded would be sent twice.
 */
export function createMailQueue(dependencies: MailQueueDependencies) {
  const { database, outbox, ids, clock, leaseMs = defaultLeaseMs } = dependencies;

  /** Every write names the lease, so that retrying a write whose response was lost changes nothing. */
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
  const ofLeases = (mails: readonly ClaimedMail[]) => [
    mails.map(({ eventId }) => eventId),
    mails.map(({ template }) => template),
    mails.map(({ lease }) => lease),
  ];
  const nameOf = ({ eventId, template }: Pick<ClaimedMail, 'eventId' | 'template'>) =>
    `${eventId} ${template}`;

  const marking = createMicroBatcher<ClaimedMail, boolean>({
    ...together,
    async run(mails) {
      const values = [...ofLeases(mails), leaseMs];
      const { rows } = await database.query<ClaimedMail>({ ...markSending, values });
      const marked = new Set(rows.map(nameOf));
      return mails.map((mail) => marked.has(nameOf(mail)));
    },
  });
  const ending = createMicroBatcher<Ending, void>({
    ...together,
    async run(endings) {
      const values = [
        ...ofLeases(endings.map(({ mail }) => mail)),
        endings.map(({ state }) => state),
        endings.map(({ reason }) => reason ?? null),
      ];
      await database.query({ ...end, values });
      return endings.map(() => undefined);
    },
  });

  return {
    /** Up to `limit` mails that are due and have one of the templates. */
    async claim(limit: number, among: readonly TemplateName[]): Promise<ClaimedMail[]> {
      const values = [ids.next(), leaseMs, limit, among];
      return (await database.query<ClaimedMail>({ ...claim, values })).rows;
    },

    /** Up to `limit` mails that have expired. */
    async claimExpired(limit: number): Promise<ClaimedMail[]> {
      const values = [ids.next(), leaseMs, limit];
      return (await database.query<ClaimedMail>({ ...claimExpired, values })).rows;
    },

    /**
     * Concurrent calls are batched.
     * @returns false if the mail is no longer claimed: its lease was lost, or its person was erased
     */
    markSending: (mail: ClaimedMail): Promise<boolean> => marking.submit(mail),

    /** Due again after `delayMs`. `attempts` is the number of attempts used. */
    async putBack(mail: ClaimedMail, delayMs: number, attempts: 0 | 1, reason: string): Promise<void> {
      const values = [...ofLease(mail), delayMs, attempts, reason];
      await insist(() => database.query({ ...putBack, values }));
    },

    /** Due again when half of its current age has passed; uses no attempt. */
    async postpone(mail: ClaimedMail, reason: string): Promise<void> {
      await insist(() => database.query({ ...postpone, values: [...ofLease(mail), reason] }));
    },

    /**
     * Ends a mail; concurrent calls are batched. With a farewell, the erasure ends too: its confirmation is published
     * in the same transaction.
     */
    async end(mail: ClaimedMail, state: MailEnd, reason: string | undefined): Promise<void> {
      if (mail.template !== 'farewell') return insist(() => ending.submit({ mail, state, reason }));
      const { erasureId } = mail.facts as { erasureId: string };
      const data = { userId: mail.userId, erasureId };
      const response = { definition: erased.notification, subject: mail.userId, aggregateVersion: 1, data };
      await insist(() =>
        database.transaction(async (tx) => {
          const { eventId, template, lease } = mail;
          // Nothing of a farewell is kept.
          const { count } = await tx.prisma.mail.deleteMany({
            where: { eventId, template, leaseOwner: lease },
          });
          if (count > 0) await outbox.append(tx, [response]);
        }),
      );
    },
  };
}

export type MailQueue = ReturnType<typeof createMailQueue>;

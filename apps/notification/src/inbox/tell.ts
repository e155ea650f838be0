import type { Transaction } from '@bulkhead/database/database';
import type { Ids } from '@bulkhead/service/ids';
import { type TemplateName, templates } from '../templates/templates';
import type { Followers } from './followers';
import { tellPerson } from './tell.sql';

export interface Message {
  /** Of the event that asks for it: one mail a template and event. */
  readonly eventId: string;
  readonly userId: string;
  readonly template: TemplateName;
  readonly facts: object;
  readonly traceparent: string | undefined;
}

export interface TellDependencies {
  readonly ids: Ids;
  readonly followers: Followers;
  readonly mailQueued: () => void;
}

/** Puts a message into the person's inbox and into the queue of mails, in the handler's transaction. */
export type Tell = (tx: Transaction, message: Message) => Promise<void>;

export const createTell =
  ({ ids, followers, mailQueued }: TellDependencies): Tell =>
  async (tx, { eventId, userId, template, facts, traceparent }) => {
    const { notice, goodForHours } = templates[template];
    const { rows } = await tx.query<{ sequence: number }>({
      ...tellPerson,
      values: [
        userId,
        ids.next(),
        template,
        JSON.stringify(facts),
        notice !== undefined,
        eventId,
        goodForHours,
        traceparent ?? null,
      ],
    });
    const sequence = rows[0]?.sequence;
    if (sequence === undefined) return;
    tx.afterCommit(() => {
      followers.tell({ userId, sequence, erased: false });
      mailQueued();
    });
  };

import type { Transaction } from '@bulkhead/database/database';
import type { Ids } from '@bulkhead/service/ids';
import { type TemplateName, templates } from '../templates/templates';
import type { Followers } from './followers';
import { notifyPeople } from './notify.sql';

export interface Message {
  /** Id of the event that causes it: one mail per template and event. */
  readonly eventId: string;
  readonly userId: string;
  readonly template: TemplateName;
  readonly facts: object;
  readonly traceparent: string | undefined;
}

export interface NotifyDependencies {
  readonly ids: Ids;
  readonly followers: Followers;
  readonly mailQueued: () => void;
}

/** Adds messages to people's inboxes and to the mail queue, in the handler's transaction. */
export type Notify = (tx: Transaction, messages: readonly Message[]) => Promise<void>;

export const createNotify =
  ({ ids, followers, mailQueued }: NotifyDependencies): Notify =>
  async (tx, messages) => {
    if (messages.length === 0) return;
    const of = <T>(value: (message: Message) => T): T[] => messages.map(value);
    const { rows } = await tx.query<{ userId: string; sequence: number }>({
      ...notifyPeople,
      values: [
        of(({ userId }) => userId),
        of(() => ids.next()),
        of(({ template }) => template),
        of(({ facts }) => JSON.stringify(facts)),
        of(({ template }) => templates[template].notice !== undefined),
        of(({ eventId }) => eventId),
        of(({ template }) => templates[template].goodForHours),
        of(({ traceparent }) => traceparent ?? null),
      ],
    });
    if (rows.length === 0) return;
    tx.afterCommit(() => {
      for (const { userId, sequence } of rows) followers.notify({ userId, sequence, erased: false });
      mailQueued();
    });
  };

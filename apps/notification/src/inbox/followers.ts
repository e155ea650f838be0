import type { Job } from '@bulkhead/service/runtime/jobs';
import type { NotificationDatabase } from '../database';

export interface MailboxState {
  readonly userId: string;
  readonly sequence: number;
  readonly erased: boolean;
}

interface Waiter {
  readonly position: number;
  readonly resolve: (state: MailboxState) => void;
}

/**
 * Waits for changes of mailboxes. Changes made by this process are signalled immediately; those of other replicas are
 * polled with one statement for all waiters, and with none while there are no waiters.
 */
export interface Followers {
  /**
   * Resolves when the mailbox has advanced beyond `position`, or was erased.
   * @throws the signal's reason
   */
  beyond(userId: string, position: number, signal: AbortSignal): Promise<MailboxState>;
  notify(state: MailboxState): void;
  readonly job: Job;
}

/** Polling interval in ms: the maximum delay of another replica's notification, plus a tenth. */
const lookEveryMs = 500;

export function createFollowers({ prisma }: NotificationDatabase): Followers {
  const waiting = new Map<string, Set<Waiter>>();

  const notify = (state: MailboxState) => {
    for (const waiter of waiting.get(state.userId) ?? []) {
      if (state.erased || state.sequence > waiter.position) waiter.resolve(state);
    }
  };

  return {
    notify,
    beyond(userId, position, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const ofUser = waiting.get(userId) ?? new Set();
        const leave = () => {
          signal.removeEventListener('abort', onAbort);
          ofUser.delete(waiter);
          if (ofUser.size === 0) waiting.delete(userId);
        };
        const onAbort = () => {
          leave();
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          position,
          resolve: (state) => {
            leave();
            resolve(state);
          },
        };
        waiting.set(userId, ofUser.add(waiter));
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    job: {
      name: 'follow-mailboxes',
      everyMs: lookEveryMs,
      async run() {
        if (waiting.size === 0) return;
        const mailboxes = await prisma.mailbox.findMany({ where: { userId: { in: [...waiting.keys()] } } });
        for (const { userId, sequence, erasedAt } of mailboxes)
          notify({ userId, sequence: Number(sequence), erased: erasedAt !== null });
      },
    },
  };
}

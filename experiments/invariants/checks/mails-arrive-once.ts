import type { Invariant, Offence } from '../invariant';

interface Mail {
  readonly eventId: string;
  readonly template: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly endedAt: Date | null;
}

/** Between the delivery of a mail and the row that says so. */
const slackMs = 5_000;

export const mailsArriveOnce: Invariant = {
  name: 'mails-arrive-once',
  sentence:
    'Every mail that is wanted was delivered, with a Message-ID of its own: once, or a second time with the same id only where its sender was killed while sending.',
  skip: ({ mailbox }) => (mailbox ? undefined : 'no mailbox was given (MAILBOX)'),
  async check(shop) {
    const [rows, delivered] = await Promise.all([
      shop.ask<Mail>(
        'notification',
        `select event_id::text as "eventId", template, state, reason, attempt, ended_at as "endedAt" from mail`,
      ),
      shop.mailbox!.mails(),
    ]);
    const counts = new Map<string, number>();
    for (const { messageId } of delivered) {
      const eventId = messageId.split('@', 1)[0]!;
      counts.set(eventId, (counts.get(eventId) ?? 0) + 1);
    }
    // The mailbox keeps the newest mails only; what was sent before the oldest of them has made room.
    const since = Math.min(...delivered.map(({ at }) => at.getTime())) + slackMs;
    const isComplete = delivered.length < 1_000;
    const judged = rows.filter(({ endedAt }) => isComplete || !endedAt || endedAt.getTime() > since);
    return {
      examined: judged.length,
      offences: judged.flatMap((mail) => judge(mail, counts.get(mail.eventId) ?? 0)),
    };
  },
};

function judge({ eventId, template, state, reason, attempt }: Mail, arrived: number): Offence[] {
  const offence = (problem: string): Offence[] => [{ subject: eventId, problem: `${template} ${problem}` }];
  if (state === 'queued' || state === 'sending')
    return offence(`is still ${state}${reason ? `: ${reason}` : ''}`);
  if (state === 'failed') return offence(`could not be sent: ${reason}`);
  if (state === 'sent' && arrived === 0) return offence('is said to be sent, but did not arrive');
  if (arrived > Math.max(1, attempt)) return offence(`arrived ${arrived} times after ${attempt} attempts`);
  return [];
}

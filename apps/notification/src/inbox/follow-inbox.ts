import type { Clock } from '@bulkhead/resilience/clock';
import type { EventStream } from '@bulkhead/service/http/event-stream';
import type { Followers } from './followers';
import type { Inbox } from './inbox';
import { showNotification } from './notification-view';

/** Maximum duration of a stream in ms: the client then resumes at its position, with a current token. */
const longestStreamMs = 15 * 60_000;
const batch = 100;

/**
 * Streams a person's notifications as they arrive, until the client disconnects, the person is erased or the stream has
 * reached its maximum duration. Numbers of one mailbox become visible in order, so nothing before the current position
 * has to be read again.
 */
export async function followInbox(
  { inbox, followers, clock }: { inbox: Inbox; followers: Followers; clock: Clock },
  userId: string,
  after: number | undefined,
  stream: EventStream,
): Promise<void> {
  const old = new AbortController();
  const timer = clock.setTimer(
    () => old.abort(new Error('the stream has lasted long enough')),
    longestStreamMs,
  );
  const signal = AbortSignal.any([stream.signal, old.signal]);
  try {
    let upTo = await inbox.position(userId);
    let sent = after ?? upTo;
    await stream.send({ id: String(sent), event: 'position', data: { sequence: sent } });
    for (;;) {
      while (sent < upTo) {
        const rows = await inbox.between(userId, sent, upTo, batch);
        for (const row of rows) {
          const data = showNotification(row);
          await stream.send({ id: String(row.sequence), event: 'notification', data });
        }
        sent = rows.length < batch ? upTo : (rows.at(-1)?.sequence ?? upTo);
      }
      const state = await followers.beyond(userId, sent, signal);
      if (state.erased) return;
      upTo = state.sequence;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    timer.cancel();
  }
}

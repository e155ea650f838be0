import { maxStreamsPerUser } from '@bulkhead/contracts/notification/api';
import { problem } from '@bulkhead/service/errors';

/** Streams that one server holds open for everybody together. */
const maxStreams = 2_000;

/** Bounds how many streams are open: for one person, so that nobody takes all, and altogether. */
export function createStreamPlaces(limits = { perUser: maxStreamsPerUser, total: maxStreams }) {
  const open = new Map<string, number>();
  let total = 0;
  return {
    /**
     * @returns gives the place back
     * @throws ProblemError rate-limited, unavailable
     */
    take(userId: string): () => void {
      const ofUser = open.get(userId) ?? 0;
      if (ofUser >= limits.perUser)
        throw problem('rate-limited', {
          detail: `At most ${limits.perUser} streams can be open at a time. Close one first.`,
          headers: { 'retry-after': '30' },
        });
      if (total >= limits.total) throw problem('unavailable', { headers: { 'retry-after': '5' } });
      open.set(userId, ofUser + 1);
      total += 1;
      return () => {
        total -= 1;
        const left = (open.get(userId) ?? 1) - 1;
        if (left === 0) open.delete(userId);
        else open.set(userId, left);
      };
    },
  };
}

export type StreamPlaces = ReturnType<typeof createStreamPlaces>;

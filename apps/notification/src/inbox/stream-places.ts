import { maxStreamsPerUser } from '@bulkhead/contracts/notification/api';
import { problem } from '@bulkhead/service/errors';

/** Maximum number of open streams per server, for all people together. */
const maxStreams = 2_000;

/** Limits the number of open streams: per person, so that nobody takes all, and in total. */
export function createStreamPlaces(limits = { perUser: maxStreamsPerUser, total: maxStreams }) {
  const open = new Map<string, number>();
  let total = 0;
  return {
    /**
     * @returns a function that releases the slot
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

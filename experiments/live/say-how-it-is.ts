import { ms, percent } from '../run/observation';
import type { RecentSummary } from './recent';
import type { Records } from './records';

export type Mood = 'well' | 'limited' | 'bad';

export interface HowItIs {
  readonly mood: Mood;
  readonly sentence: string;
}

const slowMs = 1_000;
/** A few are always on their way. */
const many = 3;

/** What a person sees in the shop right now, from what its visitors got and not from what was broken. */
export function sayHowItIs(recent: RecentSummary, records: Records): HowItIs {
  const browse = recent.of('browse');
  const search = recent.of('search');
  const order = recent.of('order');
  const fails = (share: number) => share < 0.5;
  const bad = (sentence: string): HowItIs => ({ mood: 'bad', sentence });
  const limited = (sentence: string): HowItIs => ({ mood: 'limited', sentence });

  if (recent.count === 0 && recent.waiting === 0) return limited('Nobody is here yet.');
  if (fails(browse.servedShare) && fails(order.servedShare))
    return bad('The shop is down: every request fails.');
  if (browse.p50Ms > slowMs) return bad(`Buyers wait ${seconds(browse.p50Ms)} for every page.`);
  if (fails(order.servedShare)) return bad('Nobody can buy.');
  if (order.p50Ms > slowMs) return bad(`Buyers wait ${seconds(order.p50Ms)} for their order.`);
  if (browse.shedShare > 0.05)
    return limited(
      `${percent(browse.shedShare)} of visitors are asked to try again in a moment; the others are served at once.`,
    );
  if (fails(search.servedShare)) return limited('Search is unavailable; browsing and buying are unaffected.');
  if (records.pending > many) return limited('Orders are accepted and paid later; browsing is unaffected.');
  if (records.mailsDue > many) return limited('Orders are confirmed at once; their mails arrive later.');
  if (recent.failuresPerSecond > 0) return limited('A few requests fail.');
  return { mood: 'well', sentence: `All is well: pages in ${ms(browse.p50Ms)}, orders confirmed at once.` };
}

const seconds = (value: number) => `${Math.round(value / 1_000)} s`;

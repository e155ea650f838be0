import type { RequestClass, Sample } from '../load/samples';
import { createRecent } from './recent';
import type { Records } from './records';
import { sayHowItIs } from './say-how-it-is';

const quiet: Records = { orders: [], pending: 0, confirmed: 0, mails: [], mailed: 0, mailsDue: 0 };

/** @param responses by kind, [latency in ms, status] */
function sentence(
  responses: Partial<Record<RequestClass, readonly (readonly [number, number])[]>>,
  records: Partial<Records> = {},
) {
  const recent = createRecent(() => 0);
  for (const [kind, given] of Object.entries(responses))
    for (const [latencyMs, status] of given)
      recent.add({ kind: kind as Sample['kind'], at: 0, latencyMs, status });
  return sayHowItIs(recent.summary(), { ...quiet, ...records }).sentence;
}

const well = { browse: [[8, 200]], order: [[40, 201]], search: [[9, 200]] } as const;

describe('one sentence says what a person sees', () => {
  it.each([
    ['All is well: pages in 8 ms, orders confirmed at once.', well, {}],
    ['Buyers wait 10 s for every page.', { ...well, browse: [[9_800, 200]] }, {}],
    ['The shop is down: every request fails.', { browse: [[1, 0]], order: [[1, 0]] }, {}],
    ['Nobody can buy.', { ...well, order: [[1, 500]] }, {}],
    ['Buyers wait 20 s for their order.', { ...well, order: [[20_000, 201]] }, {}],
    ['Search is unavailable; browsing and buying are unaffected.', { ...well, search: [[2, 503]] }, {}],
    ['Orders are accepted and paid later; browsing is unaffected.', well, { pending: 9 }],
    ['Orders are confirmed at once; their mails arrive later.', well, { mailsDue: 9 }],
    ['Nobody is here yet.', {}, {}],
  ] as const)('%s', (expected, responses, records) => {
    expect(sentence(responses, records)).toBe(expected);
  });

  it('names how many are turned away, and does not call it a failure', () => {
    const browse = [
      [5, 200],
      [5, 200],
      [5, 200],
      [1, 503],
    ] as const;
    expect(sentence({ ...well, browse })).toMatch(/^25.0 % of visitors are asked to try again/);
  });
});

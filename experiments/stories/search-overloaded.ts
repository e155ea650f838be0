import { allServed } from '../run/claims';
import { type Experiment, timed } from '../run/experiment';
import { ms, quantileOf } from '../run/observation';

export const searchOverloaded: Experiment = {
  name: 'search-overloaded',
  title: 'Search is overloaded',
  story: `A crawler has found the search. It asks five times as fast as the search can answer, and each answer comes later
    than the one before, until nobody gets any in time: the search works all day on questions whose askers have left.`,
  steadyState: 'Searches, the catalog and orders are answered at once.',
  hypothesis: `Search takes what it can do and turns the rest away at once. Whoever browses or buys does not notice, because
    the gateway holds only a bounded number of places for search.`,
  fault: 'The search service can answer 6 searches a second; 30 come.',
  rates: { browse: 12, search: 30, buy: 4 },
  shows: ['search', 'order'],
  async inject({ shop, faultMs, until, note }) {
    await shop.setFaults('search', [
      {
        target: { kind: 'route', name: 'searchProducts' },
        effect: { type: 'queue', places: 2, ms: 333 },
        durationMs: faultMs,
      },
    ]);
    note('search can answer 6 a second');
    await until(1);
    note('search is fast again');
  },
  judge(observed) {
    const services = observed.of('services');
    const searches = services.during('search', 4_000);
    const slow = quantileOf(searches, 0.99);
    return [
      ...allServed(services, 'order', services.during('order')),
      ...allServed(services, 'browse', services.during('browse')),
      timed(
        `${services.kind}: searches are answered, or turned away, within 10 s (p99)`,
        slow <= 10_000,
        ms(slow),
      ),
    ];
  },
};

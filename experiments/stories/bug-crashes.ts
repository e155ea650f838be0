import { allServed, recovered } from '../run/claims';
import { correct, type Experiment } from '../run/experiment';
import { percent } from '../run/observation';

const againEveryMs = 400;

export const bugCrashes: Experiment = {
  name: 'bug-crashes',
  title: 'One bug crashes a service',
  story: `Somebody has deployed a search that throws where nothing catches it: some searches end the process. In a monolith
    that is the process that also takes orders, signs people in and shows the catalog, so that every such search ends all
    of it for as long as a restart takes, and with it whatever was under way.`,
  steadyState: 'People browse, search and buy; every order is confirmed at once.',
  hypothesis: `In the services only searching suffers. What the gateway cannot reach it turns away at once, and everything
    else goes on as if nothing had happened. In the monolith, orders fail too.`,
  fault: 'Half of all searches end the process in which they run; it is started again a second later.',
  subjects: ['monolith', 'services'],
  rates: { browse: 15, search: 4, buy: 5, account: 1 },
  shows: ['order', 'search'],
  // A mail that a process had in hand when it ended is taken up again when its lease of two minutes has run out.
  settlesWithin: 150,
  async inject({ shop, faultMs, note }) {
    note('half of the searches crash their process');
    const until = performance.now() + faultMs;
    while (performance.now() < until - againEveryMs) {
      const durationMs = Math.max(1, Math.floor(until - performance.now()));
      // A process that was started again has no faults, and one that is being started no admin port.
      await shop
        .setFaults('search', [
          {
            target: { kind: 'route', name: 'searchProducts' },
            effect: { type: 'crash' },
            share: 0.5,
            durationMs,
          },
        ])
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, againEveryMs));
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())));
    // One that was being started when the last search crashed ends before it is ready; the next one does not.
    await shop.start('search').catch(() => shop.start('search'));
    await shop.setFaults('search', []);
    note('search is repaired');
  },
  judge(observed) {
    const services = observed.of('services');
    const monolith = observed['monolith'];
    const searches = services.during('search');
    return [
      ...allServed(services, 'order', services.during('order')),
      ...allServed(services, 'browse', services.during('browse')),
      correct(
        `${services.kind}: searches do fail, which shows that the fault was there`,
        searches.servedShare < 0.9,
        `${percent(searches.servedShare)} of searches served`,
      ),
      recovered(services, 'search', 6_000),
      ...(monolith
        ? [
            correct(
              'monolith: orders fail too, although they have nothing to do with search',
              monolith.during('order').servedShare < 0.9,
              `${percent(monolith.during('order').servedShare)} of orders served`,
            ),
          ]
        : []),
    ];
  },
};

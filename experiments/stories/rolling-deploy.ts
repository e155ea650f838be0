import { serviceNames } from '@bulkhead/contracts/services';
import { allServed } from '../run/claims';
import { correct, type Experiment } from '../run/experiment';

export const rollingDeploy: Experiment = {
  name: 'rolling-deploy',
  title: 'A deploy in the middle of the day',
  story: `A new version goes out while people buy. Each process that ends takes with it what it was working on, unless it
    first stops taking more, finishes what it has, and only then lets go of what that needs.`,
  steadyState: 'Every order is confirmed at once.',
  hypothesis: 'Every service is replaced by a new process, one after the other, and nobody notices.',
  fault:
    'All nine services are replaced: the new one is started, gets the traffic, and the old one is sent SIGTERM.',
  shop: { proxies: true },
  atLeast: 90,
  shares: { before: 0.12, during: 0.78 },
  rates: { browse: 12, search: 3, buy: 4, account: 1 },
  settlesWithin: 60,
  async inject({ shop, note, measure }) {
    const startedAt = performance.now();
    for (const service of serviceNames) {
      await shop.replace(service);
      note(`${service} is replaced`);
    }
    measure('tookMs', performance.now() - startedAt);
  },
  judge(observed) {
    const services = observed.of('services');
    const { tookMs = NaN } = services.measures;
    const { faultBegins, loadEnds } = services.phases;
    return [
      correct(
        `${services.kind}: all were replaced while people were buying`,
        faultBegins + tookMs < loadEnds,
        `nine services in ${(tookMs / 1_000).toFixed(0)} s`,
      ),
      ...allServed(services, 'order', services.whole('order')),
      ...allServed(services, 'browse', services.whole('browse')),
      ...allServed(services, 'search', services.whole('search')),
    ];
  },
};

import { serviceNames } from '@bulkhead/contracts/services';
import { noneFailed, recovered } from '../run/claims';
import type { Experiment } from '../run/experiment';

const inTurn = serviceNames.filter((name) => name !== 'gateway').toReversed();
const unavailableMs = 700;

export const databasesRestarted: Experiment = {
  name: 'databases-restarted',
  title: 'Each database is restarted',
  story: `Databases are patched, fail over, move. Each time all connections break at once, and whatever was in the middle of a
    transaction may or may not have happened.`,
  steadyState: 'Every service has a database server of its own; every order is confirmed at once.',
  hypothesis: `Each restart takes away what that service alone can do, for about as long as it takes. What cannot be served is
    turned away with 503 and Retry-After; nothing is lost, done twice or left half done.`,
  fault: 'Each database server is stopped and started, one after the other.',
  shop: { separateDatabases: true },
  atLeast: 60,
  rates: { browse: 12, search: 2, buy: 4, account: 1 },
  settlesWithin: 90,
  async inject({ shop, faultMs, until, note }) {
    // In a cluster they share a server, which is started ever later the more often it has ended.
    const servers = shop.kind === 'cluster' ? inTurn.slice(-1) : inTurn;
    for (const [index, service] of servers.entries()) {
      await until(index / servers.length);
      await shop.stopDatabase(service);
      note(`the database of ${service} is away`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(unavailableMs, faultMs / 20)));
      await shop.startDatabase(service);
    }
    await until(1);
    note('all databases are back');
  },
  judge(observed) {
    const services = observed.of('services');
    return [
      noneFailed(services, 'order', services.during('order')),
      noneFailed(services, 'browse', services.during('browse')),
      recovered(services, 'order', 6_000),
      recovered(services, 'browse'),
    ];
  },
};

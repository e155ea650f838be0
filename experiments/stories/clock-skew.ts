import type { ServiceName } from '@bulkhead/contracts/services';
import { allServed } from '../run/claims';
import { correct, type Experiment } from '../run/experiment';

const skews: Readonly<Partial<Record<ServiceName, number>>> = {
  order: 20 * 60_000,
  inventory: -20 * 60_000,
  product: 60_000,
  notification: -60 * 60_000,
};

export const clockSkew: Experiment = {
  name: 'clock-skew',
  title: 'Clocks that disagree',
  story: `A machine lost its time server. Its clock is twenty minutes ahead, another's as much behind. Whoever decides by the
    clock of a machine when something is over now ends what has just begun, or keeps for ever what should long be over.`,
  steadyState: 'Every order is confirmed at once; an order may be pending for a quarter of an hour.',
  hypothesis: `What expires is decided by the database's clock, and what takes time is measured by a clock that cannot be set:
    no order expires, no reservation is lost, nothing is told twice.`,
  fault:
    'The clocks of order (+20 min), inventory (−20 min), product (+1 min) and notification (−1 h) are wrong.',
  rates: { browse: 12, search: 2, buy: 5, account: 2 },
  settlesWithin: 60,
  async inject({ shop, faultMs, until, note }) {
    for (const [service, ms] of Object.entries(skews))
      await shop.setFaults(service as ServiceName, [
        { target: { kind: 'process', name: '*' }, effect: { type: 'skew', ms }, durationMs: faultMs },
      ]);
    note('four clocks are wrong');
    await until(1);
    note('all clocks are right');
  },
  judge(observed) {
    const services = observed.of('services');
    const { expired = 0 } = services.settlement.states;
    return [
      ...allServed(services, 'order', services.during('order')),
      ...allServed(services, 'browse', services.during('browse')),
      correct(`${services.kind}: no order expires before its time`, expired === 0, `${expired} expired`),
    ];
  },
};

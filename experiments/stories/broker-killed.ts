import { allServed } from '../run/claims';
import type { Experiment } from '../run/experiment';

export const brokerKilled: Experiment = {
  name: 'broker-killed',
  title: 'The broker is killed under load',
  story: `RabbitMQ dies in the middle of everything, as by a pulled plug, and comes back after a while. Whoever writes to the
    database and then publishes has now done the one without the other, and nobody will ever know which orders these were.`,
  steadyState: 'Every order is confirmed at once; its events are handled within a second.',
  hypothesis: `No order notices: events are rows in the outbox of the service that made them, written with what they tell of.
    They are published when the broker is back, and have their effect once.`,
  fault: 'SIGKILL to all of RabbitMQ; it is started again half of the time later.',
  rates: { browse: 15, search: 3, buy: 5, account: 1 },
  settlesWithin: 90,
  async inject({ shop, until, note }) {
    await shop.killBroker();
    note('the broker is dead');
    await until(0.5);
    await shop.startBroker();
    note('the broker is back');
    await until(1);
  },
  judge(observed) {
    const services = observed.of('services');
    return [
      ...allServed(services, 'order', services.during('order')),
      ...allServed(services, 'browse', services.during('browse')),
    ];
  },
};

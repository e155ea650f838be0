import { allServed } from '../run/claims';
import { correct, type Experiment } from '../run/experiment';

export const slowConsumer: Experiment = {
  name: 'slow-consumer',
  title: 'A consumer cannot keep up',
  story: `Whoever reads the events of orders has become slow, and every second more come than it can handle. Where the sender
    waits for its readers, the slowest of them now sets the pace of the shop.`,
  steadyState: 'Every order is confirmed at once, and told within a second.',
  hypothesis: `The queue grows, and only the telling is late. Nothing is lost or told twice, and the reader catches up.`,
  fault: 'Notification needs 3 s for each event of an order.',
  rates: { browse: 12, search: 2, buy: 6 },
  settlesWithin: 90,
  async inject({ shop, faultMs, until, note }) {
    await shop.setFaults('notification', [
      {
        target: { kind: 'consumer', name: 'notification.orders.*' },
        effect: { type: 'latency', latency: { distribution: 'fixed', ms: 3_000 } },
        durationMs: faultMs,
      },
    ]);
    note('each event takes 3 s');
    await until(1);
    note('events are handled at once again');
  },
  judge(observed) {
    const services = observed.of('services');
    const { quiescence } = services.settlement.invariants;
    return [
      ...allServed(services, 'order', services.during('order')),
      correct(
        `${services.kind}: the reader catches up`,
        quiescence.reached,
        quiescence.reached
          ? `${(quiescence.afterMs / 1_000).toFixed(1)} s after the load had ended`
          : quiescence.waitingFor.join(', '),
      ),
    ];
  },
};

import { allServed } from '../run/claims';
import { type Experiment, correct, timed } from '../run/experiment';
import { ms, percent } from '../run/observation';

const settledMs = 5_000;
const onsetMs = 2_000;

export const paymentSlow: Experiment = {
  name: 'payment-slow',
  title: 'Payment slows to 10 s',
  story: `The payment provider has a bad day: it still answers, but only after ten seconds. Nothing is broken, no alarm
    rings, and yet in a monolith every request that pays keeps one of the few places that the server has. Within seconds
    all places are taken by people who wait for their payment, and those who only want to look at a lamp wait in line
    behind them. The whole shop is slow because one supplier is.`,
  steadyState: 'People browse, search and buy; every order is confirmed at once.',
  hypothesis: `In the services only payments are slow. Orders are taken as fast as ever: as soon as it is clear that payment
    is slow, the shop answers 202 once order and stock are safe, and finishes the order when the money has come. Nobody
    who browses notices.`,
  fault: 'The payment provider takes 10 s for every answer.',
  subjects: ['naive-monolith', 'services'],
  rates: { browse: 20, search: 5, buy: 5, account: 1 },
  settlesWithin: 90,
  async inject({ shop, until, note }) {
    await shop.provider.control({ latency: { ms: 10_000 } });
    note('payment takes 10 s');
    await until(1);
    await shop.provider.control({});
    note('payment is fast again');
  },
  judge(observed) {
    const services = observed.of('services');
    const order = {
      // Who came just before the fault still met it.
      before: services.in(0, services.phases.faultBegins - onsetMs, 'order'),
      during: services.during('order'),
      late: services.during('order', settledMs),
    };
    const browse = { before: services.before('browse'), during: services.during('browse') };
    const throughput = browse.during.servedShare / browse.before.servedShare;
    const naive = observed['naive-monolith'];
    return [
      ...allServed(services, 'order', order.during),
      timed(
        `${services.kind}: from 5 s after the onset, accepting orders takes ≤ 1.2× (p99)`,
        order.late.p99Ms <= 1.2 * order.before.p99Ms,
        `${ms(order.late.p99Ms)} against ${ms(order.before.p99Ms)} without fault`,
      ),
      timed(
        `${services.kind}: during onset no order takes longer than 1.6 s to be accepted`,
        order.during.maxMs <= 1_600,
        `slowest ${ms(order.during.maxMs)}`,
      ),
      timed(
        `${services.kind}: the catalog is served ≥ 0.95× as without fault`,
        throughput >= 0.95,
        `${percent(browse.during.servedShare)} of requests against ${percent(browse.before.servedShare)}`,
      ),
      ...(naive
        ? [
            correct(
              'naive monolith: the catalog is slow too, although it needs no payment (p50 over 1 s)',
              naive.during('browse', settledMs).p50Ms > 1_000 ||
                naive.during('browse', settledMs).servedShare < 0.5,
              `p50 ${ms(naive.during('browse', settledMs).p50Ms)} against ${ms(naive.before('browse').p50Ms)} without fault`,
            ),
          ]
        : []),
    ];
  },
};

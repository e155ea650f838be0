import { noneFailed } from '../run/claims';
import { type Experiment, timed } from '../run/experiment';
import { ms, perSecond, percent, quantileOf } from '../run/observation';
import { isShed } from '../load/samples';
import { quantile } from '../load/samples';

const places = 4;
const serviceMs = 100;
const capacity = places * (1_000 / serviceMs);
const settledMs = 4_000;

export const overload: Experiment = {
  name: 'overload',
  title: 'Twice as many as the shop can serve',
  story: `An advertisement has worked. Twice as many people come as the catalog can serve. A server that takes them all serves
    none: each waits in line for everybody before, gives up, and comes again.`,
  steadyState: `The catalog can serve ${capacity} requests a second, and gets half as many.`,
  hypothesis: `The shop goes on serving as many as it can, at least 0.9 of its capacity, and turns the others away in less than
    50 ms, so that they may come back when it is quieter.`,
  fault: `Four times as many people browse: ${2 * capacity} a second.`,
  rates: { browse: capacity / 2, buy: 2 },
  surge: { browse: 4 },
  shows: ['browse', 'order'],
  prepare: (shop) =>
    shop.setFaults('product', [
      {
        id: 'capacity',
        target: { kind: 'route', name: '*Product*' },
        effect: { type: 'queue', places, ms: serviceMs },
        durationMs: 600_000,
      },
    ]),
  async inject({ until, note, shop }) {
    note('four times as many people browse');
    await until(1);
    note('as many as before');
    await shop.setFaults('product', []);
  },
  judge(observed) {
    const services = observed.of('services');
    const during = services.during('browse', settledMs);
    const shed = during.samples.filter(isShed).map(({ latencyMs }) => latencyMs);
    const shedMs = quantile(shed, 0.95);
    return [
      timed(
        `${services.kind}: at twice the load, at least 0.9 of the capacity is served`,
        during.servedPerSecond >= 0.9 * capacity,
        `${perSecond(during.servedPerSecond)} of ${perSecond(capacity)}`,
      ),
      timed(
        `${services.kind}: who is turned away knows within 50 ms (p95)`,
        shedMs < 50,
        `${ms(shedMs)}, ${percent(during.shedShare)} turned away`,
      ),
      timed(
        `${services.kind}: who is served does not wait longer than 2 s (p99)`,
        quantileOf(during, 0.99) < 2_000,
        ms(quantileOf(during, 0.99)),
      ),
      noneFailed(services, 'browse', services.during('browse')),
    ];
  },
};

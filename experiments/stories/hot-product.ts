import { allServed } from '../run/claims';
import { type Experiment, timed } from '../run/experiment';
import { ms } from '../run/observation';

export const hotProduct: Experiment = {
  name: 'hot-product',
  title: 'Everybody wants the same thing',
  story: `A famous person has shown a lamp. Nine of ten orders are now for the one row of the one table that says how many
    lamps there are, and each waits for that row until the one before has let it go.`,
  steadyState: 'Orders are for products of all kinds, and confirmed at once.',
  hypothesis:
    'A hot product does not slow the shop: its stock is counted down without being held, and never below zero.',
  fault: 'Three times as many orders, nine of ten for one product.',
  rates: { browse: 12, search: 2, buy: 5 },
  surge: { buy: 3, hotShare: 0.9 },
  async inject({ until, note }) {
    note('nine of ten orders are for one product');
    await until(1);
    note('as before');
  },
  judge(observed) {
    const services = observed.of('services');
    const during = services.during('order');
    return [
      ...allServed(services, 'order', during),
      ...allServed(services, 'browse', services.during('browse')),
      timed(
        `${services.kind}: half of the orders are answered within 500 ms`,
        during.p50Ms <= 500,
        `p50 ${ms(during.p50Ms)}`,
      ),
    ];
  },
};

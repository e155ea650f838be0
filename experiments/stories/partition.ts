import { allServed } from '../run/claims';
import { correct, type Experiment, timed } from '../run/experiment';
import { ms } from '../run/observation';

export const partition: Experiment = {
  name: 'partition',
  title: 'Order and payment cannot reach each other',
  story: `Both services are well, only the network between them is not: what one says the other never hears. The order cannot
    know whether the money has been taken. To take it again would be wrong, and to forget it too.`,
  steadyState: 'Every order is confirmed at once.',
  hypothesis: `Orders are taken as pending, with 202. When the network is back, each is looked up before anything is repeated,
    and finished: no order is lost, and none is paid twice.`,
  fault: 'Everything between order and payment is dropped, without a word.',
  shop: { proxies: true },
  rates: { browse: 12, search: 2, buy: 5 },
  settlesWithin: 90,
  async inject({ shop, until, note }) {
    await shop.link('order', 'payment', 'drop');
    note('order and payment are cut off from each other');
    await until(1);
    await shop.link('order', 'payment', 'open');
    note('the network is whole again');
  },
  judge(observed) {
    const services = observed.of('services');
    const during = services.during('order');
    const pending = during.samples.filter(({ status }) => status === 202).length;
    return [
      correct(
        `${services.kind}: orders are taken as pending, which shows that the fault was there`,
        pending > 0,
        `${pending} of ${during.count} orders answered with 202`,
      ),
      ...allServed(services, 'order', during),
      ...allServed(services, 'browse', services.during('browse')),
      timed(
        `${services.kind}: no order takes longer than 1.6 s to be accepted`,
        during.maxMs <= 1_600,
        `slowest ${ms(during.maxMs)}`,
      ),
    ];
  },
};

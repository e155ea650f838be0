import { allServed } from '../run/claims';
import type { Experiment } from '../run/experiment';

export const answersLost: Experiment = {
  name: 'answers-lost',
  title: 'The money is taken, and the answer lost',
  story: `The payment provider does what it is asked, but a third of its answers never arrive. From here that looks exactly as
    if it had done nothing. A shop that tries again with a new key takes the money twice.`,
  steadyState: 'Every order is confirmed at once.',
  hypothesis: `An unknown outcome is recorded as unknown, and looked up before anything is repeated: each order is paid once, and
    the ledger says what the provider's book says.`,
  fault: 'A third of the answers of the payment provider are lost, after it has acted.',
  rates: { browse: 12, search: 2, buy: 5 },
  settlesWithin: 90,
  async inject({ shop, faultMs, until, note }) {
    await shop.setFaults('payment', [
      {
        target: { kind: 'provider', name: '*' },
        effect: { type: 'answer-lost' },
        share: 0.33,
        durationMs: faultMs,
      },
    ]);
    note('a third of the answers are lost');
    await until(1);
    note('all answers arrive again');
  },
  judge(observed) {
    const services = observed.of('services');
    return [
      ...allServed(services, 'order', services.during('order')),
      ...allServed(services, 'browse', services.during('browse')),
    ];
  },
};

import { paymentStatuses } from '@bulkhead/contracts/payment/api';
import fc from 'fast-check';
import type { ProviderCharge } from '../providers/provider';
import { authorisedCharge as told } from '../testing/authorised-charge';
import { decide } from './decide';
import type { Payment } from './payment';
import { transitions } from './transitions';

const payment = (changes: Partial<Payment> = {}): Payment => ({
  id: 'p',
  orderId: 'o',
  userId: 'u',
  provider: 'simulated',
  status: 'authorising',
  reason: null,
  nextActionUrl: null,
  currency: 'EUR',
  amount: 100,
  captured: 0,
  refunded: 0,
  paymentMethod: 'pm_ok',
  providerReference: null,
  version: 1,
  tries: 0,
  needsAttentionAt: null,
  attention: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...changes,
});
/** What a payment becomes when it hears this. */
function hear(start: Payment, charge: ProviderCharge): Payment {
  let heard = start;
  for (let moves = 0; ; moves++) {
    const move = decide(heard, charge);
    if (!move) return { ...heard, providerReference: charge.reference };
    if (moves > 3) throw new Error('it does not come to rest');
    heard = {
      ...heard,
      status: move.to,
      captured: heard.captured + (move.captured ?? 0),
    };
  }
}

const history = [
  told({ status: 'requires_action', actionUrl: 'https://provider/confirm' }),
  told({}),
  told({ status: 'captured', captured: 100 }),
];

test('whatever the order and number of the provider’s events, the payment ends like the charge', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: history.length })
        .chain((length) =>
          fc.tuple(
            fc.constant(length),
            fc.shuffledSubarray([...history.slice(0, length).keys()], { minLength: length }),
            fc.array(fc.nat({ max: length - 1 }), { maxLength: 5 }),
          ),
        ),
      ([length, order, repeated]) => {
        const end = [...order, ...repeated].reduce((now, index) => hear(now, history[index]!), payment());
        const expected = ['requires_action', 'authorised', 'captured'];
        expect(end.status).toBe(expected[length - 1]);
      },
    ),
  );
});

test('every transition is legal, from every status and for every possible report of a provider', () => {
  const consistent = (status: Payment['status']): Partial<Payment> => {
    if (status === 'refunded') return { captured: 100, refunded: 100 };
    if (status === 'partially_refunded') return { captured: 100, refunded: 40 };
    return status === 'captured' || status === 'refunding' ? { captured: 100 } : {};
  };
  for (const status of paymentStatuses)
    for (const charge of [
      ...history,
      told({ status: 'voided' }),
      told({ status: 'declined' }),
      told({ status: 'processing' }),
    ])
      for (const providerReference of [null, 'ch']) {
        const start = payment({ status, providerReference, ...consistent(status) });
        const move = decide(start, charge);
        if (move) expect(transitions[status]).toContain(move.to);
      }
});

test('an authorisation that appears for a declined payment is voided', () => {
  const declined = payment({ status: 'declined', providerReference: 'ch' });
  expect(decide(declined, told({}))).toEqual({ to: 'voiding' });
});

test('a charge that is only created, or being processed, moves nothing', () => {
  for (const status of paymentStatuses)
    for (const early of ['created', 'processing'] as const)
      expect(decide(payment({ status }), told({ status: early }))).toBeUndefined();
});

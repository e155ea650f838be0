import { en } from '../language/en';
import { isCancellable, orderText, progressOf } from './order-text';

test('an order that was rejected says why, and what to do', () => {
  expect(orderText({ state: 'rejected', reason: 'payment-declined' }, en).about).toMatch(
    /declined.*another card/,
  );
  expect(orderText({ state: 'rejected', reason: 'something-new' }, en).about).toBe('Nothing was charged.');
  expect(orderText({ state: 'confirmed', reason: null }, en).title).toBe('Confirmed');
});

test('an order that goes well shows how far it is', () => {
  expect(progressOf('reserved', en)?.filter(({ isReached }) => isReached)).toHaveLength(2);
  expect(progressOf('cancelled', en)).toBeUndefined();
});

test('what goes on or is paid can be cancelled', () => {
  expect(isCancellable({ state: 'reserved', status: 'pending' })).toBe(true);
  expect(isCancellable({ state: 'confirmed', status: 'confirmed' })).toBe(true);
  expect(isCancellable({ state: 'cancelling', status: 'pending' })).toBe(false);
  expect(isCancellable({ state: 'refunded', status: 'refunded' })).toBe(false);
});

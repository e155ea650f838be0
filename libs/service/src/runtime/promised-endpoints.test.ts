import { promisedBy } from '@bulkhead/contracts/apis';
import { serviceNames } from '@bulkhead/contracts/services';
import { groupsOf, subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';
import { implement } from '../http/operation';
import { explainStart } from './explain-start';
import { requirePromised, requireSubscribed } from './promised-endpoints';

const promised = promisedBy('inventory');
const operations = promised.map((endpoint) => implement(endpoint, async () => ({ status: 204 }) as never));

test('a service that implements what it promises starts', () => {
  expect(() => requirePromised('inventory', operations, promised)).not.toThrow();
});

test('one that lacks endpoints does not, and says which', () => {
  const some = operations.filter(
    ({ endpoint }) => !/^(setStock|commitReservation)$/.test(endpoint.operationId),
  );
  let told = '';
  try {
    requirePromised('inventory', some, promised);
  } catch (error) {
    told = explainStart(error);
  }
  expect(told.split('\n')).toEqual([
    'inventory does not implement setStock (PUT /api/v1/stock/{sku}), which its contract promises.',
    'inventory does not implement commitReservation (POST /internal/reservations/{orderId}/commit), which its contract promises.',
  ]);
});

test('every service but the gateway promises endpoints', () => {
  expect(serviceNames.filter((name) => promisedBy(name).length === 0)).toEqual(['gateway']);
});

test('a service that leaves a queue of its own unread does not start, and says which', () => {
  const users = subscribe(subscriptions.profileUsers, async () => undefined);
  const erasure = subscribe(subscriptions.profileErasure, async () => undefined);
  expect(() => requireSubscribed('profile', [users, erasure], groupsOf('profile'))).not.toThrow();
  expect(() => requireSubscribed('profile', [users], groupsOf('profile'))).toThrow(
    'profile does not handle the events of profile.erasure, which libs/contracts/src/subscriptions.ts sends to it.',
  );
});

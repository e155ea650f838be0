import { madeAt } from './message-span';

test('a message tells by its id when it was made, where that is a UUIDv7', () => {
  expect(madeAt('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(Date.parse('2022-02-22T19:22:22Z'));
  for (const id of ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'unreadable', 'undefined'])
    expect(madeAt(id)).toBeUndefined();
});

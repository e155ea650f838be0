import fc from 'fast-check';
import { createRamp } from './ramp';
import { createSlots } from './slots';

test('never are more places taken than there are, whatever is taken and given back in whatever order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.array(
        fc.record({ wanted: fc.integer({ min: 0, max: 30 }), limit: fc.integer({ min: 0, max: 20 }) }),
      ),
      (first, steps) => {
        let limit = first;
        const slots = createSlots(() => limit);
        let taken = 0;
        for (const step of steps) {
          limit = step.limit;
          const got = slots.take(step.wanted);
          expect(got).toBe(Math.max(0, Math.min(step.wanted, limit - taken)));
          taken += got;
          expect(slots.taken).toBe(taken);
          const back = Math.floor(taken / 2);
          slots.give(back);
          taken -= back;
        }
      },
    ),
  );
});

test('says when more are given back than were taken', () => {
  const slots = createSlots(() => 2);
  slots.take(1);
  expect(() => slots.give(2)).toThrow('more places were given back');
});

test('wakes whoever waits for a place when one is given back, and when nobody is to wait any longer', async () => {
  const slots = createSlots(() => 1);
  slots.take(1);
  const stop = new AbortController();
  const order: string[] = [];
  const first = slots.whenFree(stop.signal).then(() => {
    order.push('first');
    slots.take(1);
  });
  const second = slots.whenFree(stop.signal).then(() => order.push('second'));
  slots.give();
  await first;
  stop.abort();
  await second;
  expect(order).toEqual(['first', 'second']);
});

test('a ramp adds one for each success, halves for each failure, and stays within 1 and its maximum', () => {
  const ramp = createRamp(4);
  const limits = [ramp.limit()];
  for (const step of [
    'succeeded',
    'succeeded',
    'failed',
    'succeeded',
    'succeeded',
    'succeeded',
    'reset',
    'failed',
  ] as const) {
    ramp[step]();
    limits.push(ramp.limit());
  }
  expect(limits).toEqual([1, 2, 3, 1.5, 2.5, 3.5, 4, 1, 1]);
});

import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createDependencyGate } from './dependency-gate';

const setUp = () => {
  const clock = createVirtualClock();
  const changes: string[] = [];
  const gate = createDependencyGate({
    clock,
    random: () => 1,
    probeMs: { min: 1_000, max: 8_000 },
    onChange: (state) => changes.push(state),
  });
  return { clock, gate, changes };
};

test('work passes while nothing fails', () => {
  const { gate, changes } = setUp();
  gate.enter();
  gate.worked();
  expect(gate.admits(9)).toBe(9);
  expect(changes).toEqual([]);
});

test('after one failure nothing passes until the first probe, and then one thing at a time', async () => {
  const { clock, gate, changes } = setUp();
  gate.failed();
  expect(gate.admits(9)).toBe(0);
  await clock.advance(1_000);
  expect(gate.admits(9)).toBe(1);
  gate.enter();
  expect(gate.admits(9)).toBe(0);
  expect(changes).toEqual(['closed']);
});

test('probes become rarer up to the longest wait', async () => {
  const { clock, gate } = setUp();
  gate.failed();
  const probedAt: number[] = [];
  for (let second = 1; second <= 40; second += 1) {
    await clock.advance(1_000);
    if (gate.admits(9) === 0) continue;
    gate.enter();
    gate.failed();
    probedAt.push(second);
  }
  expect(probedAt).toEqual([1, 3, 7, 15, 23, 31, 39]);
});

test('the first success opens it, and the next failure begins with short waits again', async () => {
  const { clock, gate, changes } = setUp();
  gate.failed();
  await clock.advance(1_000);
  gate.enter();
  gate.worked();
  expect(gate.admits(9)).toBe(9);
  gate.failed();
  await clock.advance(1_000);
  expect(gate.admits(9)).toBe(1);
  expect(changes).toEqual(['closed', 'open', 'closed']);
});

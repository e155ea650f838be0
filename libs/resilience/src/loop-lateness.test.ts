import { systemClock } from './clock';
import { createLoopLateness } from './loop-lateness';
import { createVirtualClock } from './virtual-clock';

/** An event loop whose time passes by hand. */
function stage() {
  const clock = createVirtualClock();
  let idle = 0;
  const ends: (() => void)[] = [];
  const lateMs = createLoopLateness({
    clock,
    idleMs: () => idle,
    afterTurn: (callback) => ends.push(callback),
  });
  return {
    lateMs,
    work: (ms: number) => clock.advance(ms),
    async sleep(ms: number) {
      idle += ms;
      await clock.advance(ms);
    },
    endTurn() {
      for (const end of ends.splice(0)) end();
    },
    get turnsWatched() {
      return ends.length;
    },
  };
}

test('who wakes a sleeping loop has not waited', async () => {
  const loop = stage();
  await loop.sleep(5_000);
  expect(loop.lateMs()).toBe(0);
});

test('who is seen behind others of a turn has waited for them', async () => {
  const loop = stage();
  await loop.sleep(10);
  loop.lateMs();
  await loop.work(30);
  expect(loop.lateMs()).toBe(30);
});

test('who comes while a turn is worked on has waited for the rest of it', async () => {
  const loop = stage();
  await loop.sleep(10);
  loop.lateMs();
  loop.endTurn();
  await loop.work(200);
  expect(loop.lateMs()).toBe(200);
  await loop.work(5);
  expect(loop.lateMs()).toBe(205);
});

test('what was waited is forgotten once the loop has slept', async () => {
  const loop = stage();
  loop.lateMs();
  loop.endTurn();
  await loop.work(200);
  await loop.sleep(1);
  expect(loop.lateMs()).toBe(0);
});

test('each turn is watched once, however many come', () => {
  const loop = stage();
  for (let seen = 0; seen < 100; seen++) loop.lateMs();
  expect(loop.turnsWatched).toBe(1);
});

test('of the real event loop: work that holds it up is what a request after it has waited for', async () => {
  const lateMs = createLoopLateness({ clock: systemClock });
  lateMs();
  await new Promise((resolve) => setImmediate(resolve));
  const since = performance.now();
  while (performance.now() - since < 30);
  expect(lateMs()).toBeGreaterThanOrEqual(30);
});

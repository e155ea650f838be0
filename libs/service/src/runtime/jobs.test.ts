import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createLogger } from '@bulkhead/telemetry/logger';
import { type Job, startJobs } from './jobs';

const start = (...jobs: Job[]) => {
  const clock = createVirtualClock();
  const logger = createLogger({ service: 'auth', level: 'silent' });
  const { ready, stop } = startJobs(jobs, { clock, logger, random: () => 0.5 });
  let isReady = false;
  void ready.then(() => (isReady = true));
  return { clock, stop, isReady: () => isReady };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));
const endless: Job = {
  name: 'endless',
  everyMs: 1_000,
  run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
};

test('a service is ready when the jobs that come before have run once, and waits for no other', async () => {
  const first = Promise.withResolvers<void>();
  let runs = 0;
  const run = () => {
    runs += 1;
    return first.promise;
  };
  const { clock, stop, isReady } = start({ name: 'before', everyMs: 1_000, beforeReady: true, run }, endless);
  await settled();
  expect(isReady()).toBe(false);
  first.resolve();
  await settled();
  expect(isReady()).toBe(true);
  await clock.advance(1_000);
  expect(runs).toBe(2);
  await stop();
});

test('a first run that failed keeps no service from being ready, and the next comes as planned', async () => {
  let runs = 0;
  const run = () => {
    runs += 1;
    return Promise.reject(new Error('the database is not there'));
  };
  const { clock, stop, isReady } = start({ name: 'before', everyMs: 1_000, beforeReady: true, run });
  await settled();
  expect(isReady()).toBe(true);
  await clock.advance(1_000);
  expect(runs).toBe(2);
  await stop();
});

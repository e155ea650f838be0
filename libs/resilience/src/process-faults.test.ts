import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from './clock';
import { blockEventLoop, burnCpu, crash, growMemory } from './process-faults';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('process faults', () => {
  it('block the event loop: a timer that is due does not run meanwhile', async () => {
    let ran = false;
    const due = new Promise<void>((resolve) => setTimeout(() => resolve(void (ran = true)), 1));
    const before = performance.now();
    blockEventLoop(30);
    expect(performance.now() - before).toBeGreaterThanOrEqual(30);
    expect(ran).toBe(false);
    await due;
  });

  it('use CPU time, but leave some to the rest, and end on request', async () => {
    const before = process.cpuUsage();
    let turns = 0;
    const interval = setInterval(() => (turns += 1), 1);
    await burnCpu({ share: 0.5, durationMs: 200, clock: systemClock });
    clearInterval(interval);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(0);

    const endless = burnCpu({ share: 0.1, durationMs: 60_000, clock: systemClock }, AbortSignal.timeout(20));
    await expect(endless).rejects.toThrow('timeout');
  });

  it('allocate memory that is really used, and release it on request', async () => {
    const bytes = 64 * 1024 ** 2;
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const grown = () => process.memoryUsage().arrayBuffers - before;
    const controller = new AbortController();
    const growing = growMemory({ bytes, durationMs: 60_000, clock: systemClock }, controller.signal);
    const ended = growing.catch((error: Error) => error.message);
    // What else the process lets go of meanwhile is small beside it.
    for (let tries = 0; grown() < bytes * 0.9 && tries < 2000; tries++) await systemClock.sleep(1);
    const held = grown();
    controller.abort(new Error('enough'));
    expect(held).toBeGreaterThanOrEqual(bytes * 0.9);
    expect(await ended).toBe('enough');
    for (let tries = 0; grown() > bytes / 2 && tries < 100; tries++) {
      collectGarbage();
      await systemClock.sleep(10);
    }
    expect(grown()).toBeLessThan(bytes / 2);
  });

  it('end a process as kill -9 does: nothing more of it runs', async () => {
    const script = `process.on('exit', () => console.log('exit handler')); (${crash.toString()})()`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect([code, signal, output]).toEqual([null, 'SIGKILL', '']);
  });

  it('are refused beyond their bounds', async () => {
    const clock = systemClock;
    expect(() => blockEventLoop(10_001)).toThrow(RangeError);
    expect(() => blockEventLoop(NaN)).toThrow(RangeError);
    await expect(burnCpu({ share: 1.1, durationMs: 1, clock })).rejects.toThrow(RangeError);
    await expect(burnCpu({ share: 1, durationMs: 60_001, clock })).rejects.toThrow(RangeError);
    await expect(growMemory({ bytes: 2 ** 31, durationMs: 1, clock })).rejects.toThrow(RangeError);
  });
});

import { createServer } from 'node:net';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { type Attempt, attemptConnection, untilLetIn } from './let-in';

const patience = { rejectedMs: 30_000, silentMs: 10_000 };

describe('a pod that has just started', () => {
  it.each<[string, Attempt, number]>([
    ['rejects its connections', 'rejected', 12_000],
    ['drops its connections', 'silent', 6_000],
  ])('waits while the network %s, and goes on when it lets it in', async (_what, outcome, untilMs) => {
    const clock = createVirtualClock();
    const began = clock.monotonic();
    const letIn = untilLetIn(
      async () => (clock.monotonic() - began < untilMs ? outcome : 'settled'),
      patience,
      clock,
    );
    await clock.advance(untilMs + 1_000);
    expect(await letIn).toBe(true);
  });

  it.each<[Attempt, number]>([
    ['rejected', patience.rejectedMs],
    ['silent', patience.silentMs],
  ])('goes on after a while when connections stay %s', async (outcome, waitMs) => {
    const clock = createVirtualClock();
    const began = clock.monotonic();
    let ended = Infinity;
    const letIn = untilLetIn(async () => outcome, patience, clock).then((result) => {
      ended = clock.monotonic() - began;
      return result;
    });
    await clock.advance(waitMs + 1_000);
    expect(await letIn).toBe(false);
    expect(ended).toBeGreaterThan(waitMs - 1_000);
    expect(ended).toBeLessThanOrEqual(waitMs);
  });
});

describe('an attempt to connect', () => {
  it('settles with a server that listens, one that does not, and a name that does not exist', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await attemptConnection('127.0.0.1', port)(2_000)).toBe('settled');
    await new Promise((resolve) => server.close(resolve));
    expect(await attemptConnection('127.0.0.1', port)(2_000)).toBe('settled');
    expect(await attemptConnection('nowhere.invalid', 80)(2_000)).toBe('settled');
  });
});

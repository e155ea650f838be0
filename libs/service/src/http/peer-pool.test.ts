import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { eventually } from '@bulkhead/testing/eventually';
import type { Reached } from './pod-watch';
import { PeerPool, type PeerPoolOptions, type PodEvent, type Resolve } from './peer-pool';

interface Pod {
  readonly origin: string;
  readonly server: Server;
  requests: number;
}

const pods: Pod[] = [];
const pools: PeerPool[] = [];

async function startPod(): Promise<Pod> {
  const server = createServer((_request, response) => {
    pod.requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pod: Pod = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    requests: 0,
  };
  pods.push(pod);
  return pod;
}

function createPool(resolve: Resolve, options: Partial<PeerPoolOptions> = {}) {
  const clock = createVirtualClock();
  const pool = new PeerPool('http://order-pods:8080', { connections: 8, clock, resolve, ...options });
  pools.push(pool);
  const ask = async (times: number) => {
    for (let asked = 0; asked < times; asked += 1) {
      const { body } = await pool.request({ method: 'GET', path: '/' });
      await body.dump();
    }
  };
  return { clock, ask, pool };
}

const failure = (code: string) => Object.assign(new Error(code), { code });

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
  for (const { server } of pods.splice(0)) server.close().closeAllConnections();
});

describe('the connections to a peer', () => {
  it('give each of its pods the same share of requests', async () => {
    const three = [await startPod(), await startPod(), await startPod()];
    const { ask } = createPool(async () => three.map(({ origin }) => origin));
    await ask(30);
    expect(three.map(({ requests }) => requests)).toEqual([10, 10, 10]);
  });

  it('take in a pod that comes, and leave one that goes, within two seconds of use', async () => {
    const [old, kept, fresh] = [await startPod(), await startPod(), await startPod()];
    let origins = [old.origin, kept.origin];
    const { ask, clock } = createPool(async () => origins);
    await ask(4);
    origins = [kept.origin, fresh.origin];
    await clock.advance(2_001);
    await ask(1);
    const before = old.requests;
    await ask(20);
    expect(old.requests).toBe(before);
    expect(fresh.requests).toBeGreaterThanOrEqual(9);
  });

  it('look the pods up before sending anything to those of long ago', async () => {
    const [old, fresh] = [await startPod(), await startPod()];
    let origins = [old.origin];
    const { ask, clock } = createPool(async () => origins);
    await ask(1);
    origins = [fresh.origin];
    await clock.advance(60_000);
    await ask(1);
    expect([old.requests, fresh.requests]).toEqual([1, 1]);
  });

  it('ask the name server once for many requests at a time', async () => {
    const pod = await startPod();
    const resolve = jest.fn(async () => [pod.origin]);
    const { ask } = createPool(resolve);
    await Promise.all(Array.from({ length: 20 }, () => ask(1)));
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(pod.requests).toBe(20);
  });

  it('keep to the pods they know while the name server does not answer', async () => {
    const pod = await startPod();
    let isDown = false;
    const { ask, clock } = createPool(async () => {
      if (isDown) throw failure('EAI_AGAIN');
      return [pod.origin];
    });
    await ask(1);
    isDown = true;
    await clock.advance(60_000);
    await ask(2);
    expect(pod.requests).toBe(3);
  });

  it('fail as never sent when no pod is ready, and find one as soon as it is', async () => {
    const pod = await startPod();
    let isReady = false;
    const { ask } = createPool(async () => {
      if (!isReady) throw failure('ENOTFOUND');
      return [pod.origin];
    });
    await expect(ask(1)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    isReady = true;
    await ask(1);
    expect(pod.requests).toBe(1);
  });

  it('lead to an address that is given as numbers without asking anybody', async () => {
    const pod = await startPod();
    const resolve = jest.fn();
    const pool = new PeerPool(pod.origin, { connections: 1, resolve });
    pools.push(pool);
    await (await pool.request({ method: 'GET', path: '/' })).body.dump();
    expect(resolve).not.toHaveBeenCalled();
    expect(pod.requests).toBe(1);
  });
});

/** A pod on a node that lost power: requests get no response, and no new connection is accepted. */
describe('a pod that went without a word', () => {
  const events: PodEvent[] = [];
  const gone = new Set<string>();
  const silenced = new Set<Pod>();
  let lost: Reached = 'silent';

  beforeEach(() => {
    lost = 'silent';
    events.length = 0;
    gone.clear();
  });
  const startMortal = async () => {
    const pod = await startPod();
    pod.server.prependListener('request', (_request, response) => {
      if (silenced.has(pod)) response.end = () => response;
    });
    return pod;
  };
  const kill = (pod: Pod) => {
    silenced.add(pod);
    gone.add(new URL(pod.origin).origin);
  };
  const createWatchedPool = (origins: () => string[]) =>
    createPool(async () => origins(), {
      reach: async ({ origin }) => (gone.has(origin) ? lost : 'accepted'),
      onPod: (event) => events.push(event),
    });
  const untilSent = (pod: Pod, count: number) =>
    eventually(async () => expect(pod.requests).toBeGreaterThanOrEqual(count));

  it('fails what waits for it within a second and a half, and gets nothing more until it is found again', async () => {
    const [dead, alive] = [await startMortal(), await startMortal()];
    const { ask, clock } = createWatchedPool(() => [dead.origin, alive.origin]);
    await ask(2);
    kill(dead);
    const outcomes = Promise.allSettled([ask(1), ask(1)]);
    await untilSent(dead, 2);
    await clock.advance(1_500);
    expect((await outcomes).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(events).toEqual([{ origin: dead.origin, state: 'lost' }]);

    const before = dead.requests;
    await ask(10);
    expect(dead.requests).toBe(before);

    silenced.clear();
    gone.clear();
    await clock.advance(1_001);
    await clock.advance(1_001);
    expect(events.at(-1)).toEqual({ origin: dead.origin, state: 'found' });
    await ask(10);
    expect(dead.requests).toBe(before + 5);
  });

  it('is not taken for gone when it is only slow', async () => {
    const [slow, quick] = [await startMortal(), await startMortal()];
    const { ask, clock } = createWatchedPool(() => [slow.origin, quick.origin]);
    await ask(2);
    silenced.add(slow);
    const outcomes = Promise.allSettled([ask(1), ask(1)]);
    await untilSent(slow, 2);
    await clock.advance(10_000);
    expect(events).toEqual([]);
    silenced.clear();
    await ask(10);
    expect(slow.requests).toBe(7);
    slow.server.closeAllConnections();
    await outcomes;
  });

  it('finishes what it has, and gets nothing more, when it only takes no new connections', async () => {
    const [leaving, other] = [await startMortal(), await startMortal()];
    const { ask, clock } = createWatchedPool(() => [leaving.origin, other.origin]);
    await ask(2);
    lost = 'refused';
    kill(leaving);
    let settled = 0;
    const outcomes = [ask(1), ask(1)].map((each) =>
      each.then(
        () => (settled += 1),
        () => (settled += 1),
      ),
    );
    await untilSent(leaving, 2);
    await clock.advance(5_000);
    await eventually(async () => expect(settled).toBe(1));
    expect(events).toEqual([{ origin: leaving.origin, state: 'lost' }]);
    await ask(10);
    expect(leaving.requests).toBe(2);
    expect(settled).toBe(1);
    leaving.server.closeAllConnections();
    await Promise.all(outcomes);
  });

  it('keeps its requests when there is no other pod', async () => {
    const only = await startMortal();
    const { ask, clock } = createWatchedPool(() => [only.origin]);
    await ask(1);
    kill(only);
    let isSettled = false;
    const outcome = ask(1).then(
      () => (isSettled = true),
      () => (isSettled = true),
    );
    await untilSent(only, 2);
    await clock.advance(5_000);
    expect(isSettled).toBe(false);
    only.server.closeAllConnections();
    await outcome;
  });

  it('leaves no timer behind when nothing waits, nor when the pool is closed', async () => {
    const pod = await startMortal();
    const { ask, clock, pool } = createWatchedPool(() => [pod.origin]);
    await ask(3);
    await clock.advance(500);
    expect(clock.pendingTimers).toBe(0);
    kill(pod);
    const outcome = ask(1).catch(() => undefined);
    await untilSent(pod, 4);
    await clock.advance(2_000);
    await pool.destroy();
    await outcome;
    await clock.advance(500);
    expect(clock.pendingTimers).toBe(0);
  });
});

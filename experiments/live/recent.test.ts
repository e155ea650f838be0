import type { Sample } from '../load/samples';
import { createRecent } from './recent';

const sample = (latencyMs: number, status = 200, kind: Sample['kind'] = 'browse'): Sample => ({
  kind,
  at: 0,
  latencyMs,
  status,
});

describe('the last seconds of a shop', () => {
  let time = 0;
  const now = () => time;

  it('count what has ended in them, and forget what is older', () => {
    const recent = createRecent(now);
    recent.add(sample(10));
    time += 3_000;
    for (const status of [200, 503, 500, 0]) recent.add(sample(20, status));
    expect(recent.summary()).toMatchObject({
      requestsPerSecond: 1.25,
      failuresPerSecond: 0.5,
      shedPerSecond: 0.25,
    });
    time += 2_000;
    expect(recent.summary()).toMatchObject({ requestsPerSecond: 1, failuresPerSecond: 0.5 });
    time += 5_000;
    expect(recent.summary()).toMatchObject({ requestsPerSecond: 0, servedShare: 1, shedShare: 0 });
  });

  it('show waiting requests as slow, before the response arrives', async () => {
    const recent = createRecent(now);
    let respond = () => {};
    const waiting = recent.during('order', () => new Promise<void>((resolve) => (respond = resolve)));
    time += 900;
    expect(recent.summary()).toMatchObject({ waiting: 1, count: 0 });
    time += 7_000;
    expect(recent.summary().of('order')).toMatchObject({ p50Ms: 7_900, count: 1 });
    expect(recent.summary().of('browse').count).toBe(0);
    respond();
    await waiting;
    expect(recent.summary().waiting).toBe(0);
  });
});

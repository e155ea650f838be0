import type { Sample } from '../load/samples';
import { summarise } from './observation';

const sample = (at: number, status: number, latencyMs: number, kind: Sample['kind'] = 'order'): Sample => ({
  at,
  status,
  latencyMs,
  kind,
});

describe('what is seen of a run', () => {
  const samples = [
    sample(0, 201, 20),
    sample(500, 202, 40),
    sample(900, 409, 10),
    sample(1_000, 503, 3),
    sample(1_200, 500, 7),
    sample(1_400, 0, 30_000),
    sample(1_500, 200, 5, 'browse'),
    sample(2_500, 201, 900),
  ];

  it('counts those who came in that time, whenever they were answered', () => {
    expect(summarise(samples, 0, 2_000, 'order')).toMatchObject({ count: 6, servedPerSecond: 1.5 });
    expect(summarise(samples, 2_000, 3_000, 'order')).toMatchObject({ count: 1, servedShare: 1, maxMs: 900 });
    expect(summarise(samples, 0, 2_000)).toMatchObject({ count: 7 });
  });

  it('distinguishes shed requests, failures and business rejections', () => {
    const { failed, shedShare, servedShare } = summarise(samples, 0, 2_000, 'order');
    expect({ failed, shedShare, servedShare }).toEqual({ failed: 2, shedShare: 1 / 6, servedShare: 1 / 2 });
  });

  it('takes times from what was served only', () => {
    expect(summarise(samples, 0, 2_000, 'order')).toMatchObject({ p50Ms: 20, maxMs: 40 });
    expect(summarise(samples, 4_000, 5_000).p50Ms).toBeNaN();
  });
});

import { parentPort, workerData } from 'node:worker_threads';
import { Agent } from 'undici';
import { poissonArrivals } from './arrivals';
import { createAsking } from './asking';
import { journeys } from './journeys';
import type { LoadPlan } from './plan';
import { seeded } from './random';
import { type AcknowledgedOrder, type LoadResult, quantile, type Sample } from './samples';

/**
 * The open-loop generator, in a thread of its own so that nothing else delays it. Arrivals are drawn beforehand; each
 * request's latency counts from when it was meant to begin.
 */
async function drive(plan: LoadPlan): Promise<LoadResult> {
  const { origin, seconds, rates, seed, patienceMs = 30_000 } = plan;
  const agent = new Agent({
    connections: null,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    connect: { timeout: 5_000 },
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
  });
  const samples: Sample[] = [];
  const orders: AcknowledgedOrder[] = [];
  const lateness: number[] = [];
  const startedAt = performance.now() + 100;

  const askFrom = createAsking({
    origin,
    dispatcher: agent,
    patienceMs,
    now: () => performance.now() - startedAt,
    onSample: (sample) => samples.push(sample),
  });

  const { surge } = plan;
  const schedule = Object.entries(rates).flatMap(([name, rate], index) => {
    const random = seeded(seed * 1_000 + index);
    const arrivals = poissonArrivals(rate as number, seconds, random);
    const factor = (name === 'browse' ? surge?.browse : name === 'buy' ? surge?.buy : undefined) ?? 1;
    if (surge && factor > 1)
      for (const at of poissonArrivals(
        (factor - 1) * (rate as number),
        (surge.to - surge.from) / 1_000,
        random,
      ))
        arrivals.push(surge.from + at);
    return arrivals.map((at, number) => ({
      at,
      journey: journeys[name as keyof typeof journeys],
      seed: (seed * 1_000 + index) * 1_000_003 + number,
    }));
  });
  schedule.sort((one, other) => one.at - other.at);

  const under = new Set<Promise<void>>();
  for (const { at, journey, seed: own } of schedule) {
    for (
      let wait = at - (performance.now() - startedAt);
      wait > 0;
      wait = at - (performance.now() - startedAt)
    )
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait - 0.5)));
    lateness.push(performance.now() - startedAt - at);
    const random = seeded(own);
    const hot = surge !== undefined && at >= surge.from && at < surge.to && random() < (surge.hotShare ?? 0);
    const one: Promise<void> = journey(askFrom(at), { plan, random, hot })
      .then((bought) => bought && orders.push({ ...bought, at }))
      .then(() => void under.delete(one));
    under.add(one);
  }
  await Promise.all(under);
  await agent.close();
  const buyers = schedule.filter(({ journey }) => journey === journeys.buy).length;
  return { samples, orders, buyers, latenessP99Ms: quantile(lateness, 0.99) };
}

void drive(workerData as LoadPlan).then((result) => parentPort?.postMessage(result));

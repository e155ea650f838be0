import { parentPort, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';
import { poissonArrivals } from './arrivals';
import { type Ask, journeys } from './journeys';
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

  const askFrom = (begin: number): Ask => {
    // The first request is due when the person comes, each further one when the answer before it is there.
    let due = begin;
    return async (kind, path, init = {}) => {
      const at = due;
      const done = (status: number) => {
        due = performance.now() - startedAt;
        samples.push({ kind, at, latencyMs: due - at, status });
      };
      try {
        const { statusCode, body } = await request(`${origin}${path}`, {
          dispatcher: agent,
          method: init.json === undefined ? 'GET' : 'POST',
          headers: {
            ...(init.json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
            ...(init.key === undefined ? {} : { 'idempotency-key': init.key }),
          },
          ...(init.json === undefined ? {} : { body: JSON.stringify(init.json) }),
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await body.text();
        done(statusCode);
        return { status: statusCode, json: () => JSON.parse(text) as unknown };
      } catch {
        done(0);
        return { status: 0, json: () => undefined };
      }
    };
  };

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

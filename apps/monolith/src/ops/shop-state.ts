import { quantileOf, readHistogram, readSamples, total } from './histogram';
import type { ObservedService } from './request-history';

/** The current state of the shop according to its services' metrics. Times are in seconds. */
export type ShopState = Awaited<ReturnType<typeof readShopState>>;

type Row = { readonly service: string; readonly value: number } & Readonly<Record<string, string | number>>;

/** Reads all metrics of every service, including those that are collected on demand, such as its outbox. */
export async function readShopState(services: readonly ObservedService[]) {
  await Promise.all(services.map(({ metrics }) => metrics.collect()));
  const rows = async (name: string): Promise<Row[]> => {
    const found = await Promise.all(
      services.map(async ({ name: service, metrics }) =>
        (await readSamples(metrics, name)).map(({ labels, value }) => ({ ...labels, service, value })),
      ),
    );
    return found.flat();
  };
  const valueOf = (found: readonly Row[], labels: Readonly<Record<string, unknown>>): number =>
    found
      .filter((row) => Object.entries(labels).every(([name, value]) => row[name] === value))
      .reduce((sum, { value }) => sum + value, 0);

  return {
    process: await processState(rows, valueOf),
    services: await serviceStates(services, rows, valueOf),
    sagas: await sagaStates(rows, valueOf),
    peers: await peerStates(rows, valueOf),
    groups: await groupStates(services, rows, valueOf),
  };
}

type Rows = (name: string) => Promise<Row[]>;
type ValueOf = (found: readonly Row[], labels: Readonly<Record<string, unknown>>) => number;

async function processState(rows: Rows, valueOf: ValueOf) {
  return {
    startedAt: valueOf(await rows('process_start_time_seconds'), {}) * 1000,
    residentBytes: valueOf(await rows('nodejs_memory_bytes'), { kind: 'rss' }),
    eventLoopDelayMs: valueOf(await rows('nodejs_eventloop_delay_seconds'), { statistic: 'p99' }) * 1000,
    eventLoopUtilization: valueOf(await rows('nodejs_eventloop_utilization_ratio'), {}),
  };
}

async function serviceStates(services: readonly ObservedService[], rows: Rows, valueOf: ValueOf) {
  const inFlight = await rows('http_server_requests_in_flight');
  const admitted = await rows('http_server_admitted_requests');
  const limits = await rows('http_server_concurrency_limit');
  const rejections = await rows('http_server_rejections_total');
  const outbox = await rows('messaging_outbox_rows');
  const ages = await rows('messaging_outbox_oldest_age_seconds');
  return services.map(({ name: service }) => ({
    service,
    inFlight: valueOf(inFlight, { service }),
    admitted: valueOf(admitted, { service }),
    concurrencyLimit: valueOf(limits, { service }),
    overloadRejections: valueOf(rejections, { service, reason: 'overload' }),
    hasOutbox: outbox.some((row) => row.service === service),
    unsent: valueOf(outbox, { service, state: 'unsent' }),
    parked: valueOf(outbox, { service, state: 'parked' }),
    oldestUnsentSeconds: valueOf(ages, { service }),
  }));
}

const settledStates = ['confirmed', 'cancelled', 'rejected', 'expired', 'refunded'];

/** The current number of sagas in progress; completed ones are counted from the start of the process. */
async function sagaStates(rows: Rows, valueOf: ValueOf) {
  const ages = await rows('order_saga_oldest_age_seconds');
  const transitions = await rows('order_transitions_total');
  const open = (await rows('order_sagas')).map((row) => ({
    state: String(row['state']),
    settled: false,
    orders: row.value,
    oldestSeconds: valueOf(ages, { state: row['state'] }),
  }));
  const settled = settledStates.map((state) => ({
    state,
    settled: true,
    orders: valueOf(transitions, { to: state }),
    oldestSeconds: 0,
  }));
  return [...open, ...settled];
}

async function peerStates(rows: Rows, valueOf: ValueOf) {
  const breakers = await rows('http_client_breaker_state');
  const calls = await rows('http_client_bulkhead_calls');
  const limits = await rows('http_client_bulkhead_limit_calls');
  const rejections = await rows('http_client_rejections_total');
  const retries = await rows('http_client_retries_total');
  const pairs = new Map(
    [...breakers, ...limits].map(({ service, peer }) => [`${service} ${peer}`, { service, peer }]),
  );
  return [...pairs.values()].map(({ service, peer }) => ({
    service,
    peer: String(peer),
    breaker: String(
      breakers.find((row) => row.service === service && row['peer'] === peer && row.value === 1)?.['state'] ??
        'closed',
    ),
    running: valueOf(calls, { service, peer, place: 'running' }),
    waiting: valueOf(calls, { service, peer, place: 'waiting' }),
    runningLimit: valueOf(limits, { service, peer, place: 'running' }),
    waitingLimit: valueOf(limits, { service, peer, place: 'waiting' }),
    rejections: valueOf(rejections, { service, peer }),
    retries: valueOf(retries, { service, peer }),
  }));
}

async function groupStates(services: readonly ObservedService[], rows: Rows, valueOf: ValueOf) {
  const queued = await rows('messaging_queue_messages');
  const waiting = await rows('messaging_dead_letters_waiting');
  const retries = await rows('messaging_retries_total');
  const paused = await rows('messaging_consumer_paused');
  const groups = new Map(
    [...queued, ...waiting].map(({ service, group }) => [String(group), { service, group: String(group) }]),
  );
  const lags = await Promise.all(
    services.map(({ metrics }) => readHistogram(metrics, 'messaging_lag_seconds')),
  );
  for (const [index, found] of lags.entries())
    for (const { labels } of found)
      groups.set(labels['group']!, { service: services[index]!.name, group: labels['group']! });
  const lagOf = (group: string) => lags.flat().find(({ labels }) => labels['group'] === group)?.counts;
  return [...groups.values()].map(({ service, group }) => {
    const lag = lagOf(group);
    return {
      service,
      group,
      delivered: lag ? total(lag) : 0,
      lagP99Seconds: lag && quantileOf(lag, 0.99),
      queued: valueOf(queued, { group }),
      retries: valueOf(retries, { group }),
      deadLetters: valueOf(waiting, { group }),
      paused: valueOf(paused, { group }) > 0,
    };
  });
}

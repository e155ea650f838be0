import { lookup } from 'node:dns/promises';
import { systemClock } from '@bulkhead/resilience/clock';
import { attemptConnection, type Patience, untilLetIn } from '../http/let-in';
import { createClocks } from './clocks';
import { type Clocks, type Finding, failed, ok, type Probe, skipped, type Target } from './probe';

/** Timeout of one check, in ms. */
const withinMs = 5_000;
/** For a network that does not know this pod yet. */
const patience: Patience = { rejectedMs: 15_000, silentMs: 3_000 };

export interface RunOptions {
  readonly clocks?: Clocks;
  /** Default: 5,000 ms for names, and as much for each probe. */
  readonly withinMs?: number;
}

/**
 * Resolves all names, waits briefly for a network that does not know this pod yet, then runs all probes concurrently.
 * It always ends within twice the timeout of one check, plus 18 s.
 * @returns in the order of the probes
 */
export async function runProbes(probes: readonly Probe[], options: RunOptions = {}): Promise<Finding[]> {
  const { clocks = createClocks(), withinMs: within = withinMs } = options;
  const names = await resolveAll(
    probes.flatMap(({ targets = [] }) => targets),
    within,
  );
  await Promise.all(
    probes
      .flatMap(({ targets = [] }) => targets)
      .filter(({ host }) => !names.unresolved.has(host))
      .map(async ({ host, port }) =>
        port === undefined ? true : untilLetIn(attemptConnection(host, port), patience, systemClock),
      ),
  );
  const found = await Promise.all(
    probes.map(async (probe) =>
      (probe.targets ?? []).some(({ host }) => names.unresolved.has(host))
        ? [skipped(probe.name, 'dns')]
        : look(probe, clocks, within),
    ),
  );
  return [...names.findings, ...found.flat(), ...clocks.finding()];
}

async function look(probe: Probe, clocks: Clocks, within: number): Promise<readonly Finding[]> {
  const tooLate = new AbortController();
  const limit = setTimeout(() => tooLate.abort(new Error('too late')), within);
  const ended = new Promise<readonly Finding[]>((resolve) => {
    tooLate.signal.addEventListener('abort', () =>
      resolve([failed(probe.name, `No response within ${within / 1_000} s${addressesOf(probe)}.`)]),
    );
  });
  try {
    return await Promise.race([probe.run({ signal: tooLate.signal, clocks }), ended]);
  } catch (error) {
    return [failed(probe.name, `${(error as Error).message}.`)];
  } finally {
    clearTimeout(limit);
  }
}

const addressesOf = ({ targets = [] }: Probe) =>
  targets.length === 0
    ? ''
    : ` from ${targets.map(({ host }) => host).join(', ')}; set ${targets.map(({ variable }) => variable).join(' or ')}, or let this pod's traffic there through (global.networkPolicy)`;

/** Each name once, with all variables that contain it. */
async function resolveAll(targets: readonly Target[], within: number) {
  const variables = new Map<string, Set<string>>();
  for (const { host, variable } of targets)
    variables.set(host, (variables.get(host) ?? new Set<string>()).add(variable));
  const unresolved = new Set<string>();
  const failures: Finding[] = [];
  await Promise.all(
    [...variables].map(async ([host, among]) => {
      const code = await whyUnresolved(host, within);
      if (code === undefined) return;
      unresolved.add(host);
      failures.push(failed('dns', sentence(host, [...among].join(', '), code)));
    }),
  );
  const findings =
    variables.size === 0 || failures.length > 0
      ? failures
      : [ok('dns', `${variables.size} name${variables.size === 1 ? '' : 's'} resolved`)];
  return { unresolved, findings };
}

const sentence = (host: string, variables: string, code: string) =>
  code === 'ENOTFOUND'
    ? `${variables}: there is no host ${host}; set ${variables} to a name that exists in this cluster.`
    : `${variables}: the name ${host} could not be resolved (${code}); let this pod reach the cluster's DNS (global.networkPolicy.dns).`;

async function whyUnresolved(host: string, within: number): Promise<string | undefined> {
  let limit: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    limit = setTimeout(() => resolve(`no response within ${within / 1_000} s`), within);
  });
  const resolved = lookup(host).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  try {
    return await Promise.race([resolved, tooLate]);
  } finally {
    clearTimeout(limit);
  }
}

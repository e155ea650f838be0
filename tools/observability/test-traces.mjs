/**
 * `npm run test:traces`: runs the shop as processes with an OpenTelemetry Collector that has the configuration of
 * k8s/observability, buys from it slowly, with errors and otherwise, and looks at which traces were kept and at what leads to
 * them. The Collector is the one on the PATH, or the one that OTELCOL names. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildShop } from '../build/build-shop.ts';
import { findOnPath } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { until, wait } from '../test/processes.ts';
import { startShop } from '../test/shop.ts';
import { stopUnavailable } from '../test/unavailable.ts';

const program = process.env.OTELCOL ?? findOnPath('otelcol-contrib') ?? findOnPath('otelcol');
if (program && spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
  stopUnavailable(`OTELCOL is ${program}, which cannot be run.`);
if (!program)
  stopUnavailable('An OpenTelemetry Collector (otelcol-contrib) is needed on the PATH, or by OTELCOL.');

const adminToken = 'a-token-for-this-run-only';
/** Longer than the Collector waits before it judges a trace (decision_wait), and writes it. */
const judgedMs = 36_000;

const { folder, processes, say, check, run } = createEndToEndTest('traces');

await run(async () => {
  ensureInstalled();
  buildShop();
  const { startCollector } = await import('./collector.mjs');
  const { placeOrders } = await import('./orders.mjs');
  const { lookAtTraces } = await import('./look-at-traces.mjs');
  const collector = await startCollector(processes, { program, folder });
  say('the Collector is up');
  const dataDir = path.join(folder, 'processes');
  const shop = await startShop(processes, {
    command: 'services',
    dataDir,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      TRACES_MODE: 'tail',
      FAULTS: 'on',
      ADMIN_TOKEN: adminToken,
    },
  });
  say('the shop runs as processes');
  const running = JSON.parse(readFileSync(path.join(dataDir, 'processes/running.json'), 'utf8'));
  const { createAdminPort } = await load('experiments/shop/admin-port.ts');
  const adminOf = (service) => createAdminPort(() => running[service].adminPort, adminToken);
  const setFaults = (service, faults) => adminOf(service).setFaults(faults);
  const orders = await placeOrders({ origin: shop.origin, setFaults });
  say('orders were placed');
  // What a process exports comes within a second or two of its work.
  await wait(5_000);
  const metrics = (await Promise.all(Object.keys(running).map((service) => adminOf(service).metrics()))).join(
    '\n',
  );
  const log = shop.output();
  await wait(judgedMs);
  const look = () => lookAtTraces({ traces: collector.kept(), orders, metrics, log });
  await until('all is well', () => look().every(([, outcome]) => outcome === true), 15_000).catch(
    () => undefined,
  );
  for (const [what, outcome] of look()) check(what, outcome);
});

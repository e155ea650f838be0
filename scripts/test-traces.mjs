/**
 * `npm run test:traces`: runs the shop as processes with an OpenTelemetry Collector that has the configuration of
 * k8s/observability, buys from it slowly, with errors and otherwise, and looks at which traces were kept and at what leads to
 * them. The Collector is the one on the PATH, or the one that OTELCOL names. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildShop } from './build-shop.mjs';
import { findOnPath } from './debian-program.mjs';
import { ensureInstalled } from './install.mjs';
import { createProcesses, until, wait } from './processes.mjs';
import { startShop } from './shop.mjs';
import { stopUnavailable } from './unavailable.mjs';

const program = process.env.OTELCOL ?? findOnPath('otelcol-contrib') ?? findOnPath('otelcol');
if (program && spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
  stopUnavailable(`OTELCOL is ${program}, which cannot be run.`);
if (!program)
  stopUnavailable('An OpenTelemetry Collector (otelcol-contrib) is needed on the PATH, or by OTELCOL.');

const adminToken = 'a-token-for-this-run-only';
/** Longer than the Collector waits before it judges a trace (decision_wait), and writes it. */
const judgedMs = 36_000;

const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-traces-'));
const processes = createProcesses(folder);
const startedAt = Date.now();
const say = (text) =>
  console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${text}`);
let passed = 0;
const failures = [];

try {
  ensureInstalled();
  buildShop();
  const { startCollector } = await import('./observability/collector.mjs');
  const { placeOrders } = await import('./observability/orders.mjs');
  const { lookAtTraces } = await import('./observability/look-at-traces.mjs');
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
  const admin = (name, at, call) => fetch(`http://127.0.0.1:${running[name].adminPort}/${at}`, call);
  const setFaults = async (service, faults) => {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
    const response = await admin(service, 'faults', {
      method: 'PUT',
      headers,
      body: JSON.stringify({ faults }),
    });
    if (!response.ok) throw new Error(`faults were refused: ${await response.text()}`);
  };
  const orders = await placeOrders({ origin: shop.origin, setFaults });
  say('orders were placed');
  // What a process exports comes within a second or two of its work.
  await wait(5_000);
  const metrics = (
    await Promise.all(Object.keys(running).map(async (name) => (await admin(name, 'metrics')).text()))
  ).join('\n');
  const log = shop.output();
  await wait(judgedMs);
  const look = () => lookAtTraces({ traces: collector.kept(), orders, metrics, log });
  await until('all is well', () => look().every(([, outcome]) => outcome === true), 15_000).catch(
    () => undefined,
  );
  for (const [what, outcome] of look())
    if (outcome === true) {
      passed += 1;
      say(what);
    } else failures.push(`${what}: ${outcome}`);
} catch (error) {
  failures.push(error.stack);
} finally {
  await processes.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);

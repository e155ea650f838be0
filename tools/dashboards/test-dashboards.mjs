/**
 * `npm run test:dashboards`: runs the shop as processes under a real Prometheus, lets the acceptance suite buy from it,
 * breaks things, and then asks Prometheus every query of every panel and every series that an alert reads. Then it looks
 * at the page `/ops` of the shop in one process with a real browser. Prometheus and Chromium are those on the PATH, or
 * that PROMETHEUS and CHROMIUM name, or Debian's (root). Of Prometheus, the first of each major version on the PATH watches. The last line is `N passed, N failed`.
 * With `-- --pictures` it also draws each dashboard, and `/ops`, for docs/.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildShop } from '../build/build-shop.ts';
import { findChromium, findPrometheusServers } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { ensureInstalled, root, runtime } from '../bootstrap/install.mjs';
import { startShop } from '../test/shop.ts';
import { orUnavailable } from '../test/unavailable.ts';

/** Every request is recorded. */
const traced = { TRACES_RATIO: '1' };

const servers = orUnavailable(findPrometheusServers);
orUnavailable(findChromium);

const pictures = process.argv.includes('--pictures');
const { folder, processes, say, check, add, run } = createEndToEndTest('dashboards');

const acceptance = (origin) => {
  const command = [path.join(root, 'tools/test/acceptance.ts'), origin];
  const { status, stdout, stderr } = spawnSync(runtime(), command, { cwd: root, encoding: 'utf8' });
  check('the acceptance suite passes, which makes the traffic', status === 0 || `${stdout}${stderr}`);
};

const watchProcesses = async () => {
  const { load } = await import('../build/load.ts');
  const { drill, drillEnvironment, warmUp } = await import('./drill.mjs');
  const { startPrometheus } = await import('./prometheus.ts');
  const { askEverything } = await import('./queries.ts');
  const dataDir = path.join(folder, 'processes');
  // Spans go somewhere, so that measurements carry their traces.
  const { startOtlpReceiver } = await load('libs/testing/src/otlp-receiver.ts');
  const collector = await startOtlpReceiver();
  const environment = { ...drillEnvironment, ...traced, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
  const shop = await startShop(processes, { command: 'services', dataDir, environment });
  say('the shop runs as processes');
  const watching = await Promise.all(
    servers.map(async ({ program, version }) => ({
      version,
      url: await startPrometheus(processes, { program, dataDir, folder: path.join(folder, version) }),
    })),
  );
  await warmUp(shop);
  acceptance(shop.origin);
  await drill({ shop, dataDir });
  say('things were broken, and are well again');
  for (const { version, url } of watching) {
    const asked = await askEverything(url);
    const failures = asked.failures.map((failure) => `Prometheus ${version}: ${failure}`);
    add({ passed: asked.passed, failures });
    say(`every query was asked of Prometheus ${version}`);
  }
  if (pictures) {
    const { drawDashboards } = await import('./draw.mjs');
    const target = path.join(root, 'docs/dashboards');
    mkdirSync(target, { recursive: true });
    await drawDashboards({ url: watching.at(-1).url, folder: target });
    say('the dashboards were drawn');
  }
  await processes.stop();
  await collector.close();
};

const lookAtOps = async () => {
  const { checkOpsPage } = await import('./ops-page.mjs');
  const dataDir = path.join(folder, 'monolith');
  const shop = await startShop(processes, { command: 'monolith', dataDir, environment: traced });
  say('the shop runs as one process');
  const seen = await checkOpsPage({
    origin: shop.origin,
    picture: pictures ? path.join(root, 'docs/ops.png') : undefined,
  });
  add(seen);
  say('its page was looked at');
};

await run(async () => {
  ensureInstalled();
  buildShop();
  await watchProcesses();
  await lookAtOps();
});

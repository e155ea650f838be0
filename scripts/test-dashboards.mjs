/**
 * `npm run test:dashboards`: runs the shop as processes under a real Prometheus (`prometheus` on the PATH, or Debian's as
 * root), has it bought from, breaks things, and then asks Prometheus every query of every panel and every series that an
 * alert reads. The last line is `N passed, N failed`. With `-- --pictures` it also draws each dashboard.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import amqp from 'amqplib';
import { parse } from 'yaml';
import { ensureInstalled, root, runtime, runtimeEnvironment } from './install.mjs';

ensureInstalled();
const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-dashboards-'));
const dataDir = path.join(folder, 'data');
const children = [];
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const start = (command, args, env, log) => {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (child.output = (child.output + chunk).slice(-100_000)));
  child.ended = new Promise((resolve) => child.on('exit', resolve));
  child.on('error', (error) => (child.output += `${log}: ${error.message}`));
  children.push(child);
  return child;
};
const until = async (what, test, ms = 120_000) => {
  for (const end = Date.now() + ms; Date.now() < end; await wait(200)) if (await test()) return;
  throw new Error(`waited in vain until ${what}`);
};

const installPrometheus = () => {
  if (!spawnSync('prometheus', ['--version']).error || process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const step of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'prometheus'],
  ])
    spawnSync('apt-get', step, { env, stdio: 'ignore' });
};

const startShop = async () => {
  const built = spawnSync('nx', ['run-many', '-t', 'build'], {
    cwd: root,
    env: { ...runtimeEnvironment(), NX_DAEMON: 'false' },
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the shop could not be built: ${built.stdout}${built.stderr}`);
  const env = {
    ...runtimeEnvironment(),
    NODE_ENV: 'test',
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    ADMIN_PORT: String(await freePort()),
    RATE_LIMITS: 'off',
    AUTH_FREE_ATTEMPTS_PER_ADDRESS: '100000',
    FAULTS: 'on',
    ADMIN_TOKEN: 'a-token-for-this-run-only',
    TRACES_RATIO: '1',
  };
  const shop = start(runtime(), [path.join(root, 'dist/apps/monolith/main.js'), 'services'], env, 'shop');
  await until('the shop is up', () => /Bulkhead is up at/.test(shop.output));
  return { env, origin: `http://127.0.0.1:${env.PORT}` };
};

const startPrometheus = async () => {
  const config = parse(readFileSync(path.join(root, 'k8s/prometheus/local.yml'), 'utf8'));
  config.global = { scrape_interval: '2s', evaluation_interval: '5s', scrape_timeout: '2s' };
  config.rule_files = [path.join(root, 'k8s/alerts/s*.yaml')];
  for (const job of config.scrape_configs)
    job.file_sd_configs = [
      {
        files: [
          path.join(dataDir, 'prometheus', job.job_name === 'bulkhead' ? 'services.json' : 'rabbitmq.json'),
        ],
      },
    ];
  const file = path.join(folder, 'prometheus.json');
  writeFileSync(file, JSON.stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const prometheus = start(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${path.join(folder, 'tsdb')}`,
      `--web.listen-address=${url.slice(7)}`,
      '--enable-feature=exemplar-storage',
      '--log.level=warn',
    ],
    process.env,
    'prometheus',
  );
  await until(
    `Prometheus is ready ${prometheus.output}`,
    () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    30_000,
  );
  return url;
};

const acceptance = (origin) => {
  const { status, stdout, stderr } = spawnSync(
    runtime(),
    [path.join(root, 'scripts/acceptance.mjs'), origin],
    { cwd: root, env: process.env, encoding: 'utf8' },
  );
  // Here it is only what makes traffic; whether the shop is right is told by `npm test`.
  if (status !== 0)
    console.log(`the acceptance suite: ${/Tests: .*/.exec(stdout + stderr)?.[0] ?? 'did not run'}`);
};

/** A message that nobody can read, a service that is killed and comes back, and people who go on buying meanwhile. */
const breakThings = async ({ env, origin }) => {
  const processes = () => JSON.parse(readFileSync(path.join(dataDir, 'processes/running.json'), 'utf8'));
  const { RABBITMQ_URL } = JSON.parse(readFileSync(path.join(dataDir, 'processes/order.json'), 'utf8'));
  const connection = await amqp.connect(RABBITMQ_URL);
  const channel = await connection.createConfirmChannel();
  channel.publish('bulkhead.events', 'order.confirmed.v1', Buffer.from('not JSON'), {
    messageId: 'unreadable',
  });
  await channel.waitForConfirms();
  await connection.close();
  const killed = ['search', 'inventory'];
  for (const name of killed) process.kill(processes()[name].pid, 'SIGKILL');
  for (let n = 0; n < 60; n++) {
    await Promise.all(
      ['/api/v1/search?q=kettle', '/api/v1/stock/CBL-AUX-3', '/api/v1/products?limit=1'].map((each) =>
        fetch(origin + each).then(
          (answer) => answer.text(),
          () => '',
        ),
      ),
    );
    await wait(50);
  }
  for (const name of killed)
    start(runtime(), [path.join(root, 'dist/apps/monolith/main.js'), 'services', name], env, name);
  await until(
    'killed services serve again',
    async () => (await fetch(`${origin}/api/v1/search?q=kettle`).catch(() => ({}))).ok,
  );
  acceptance(origin);
  await wait(8_000);
};

const substitute = (expression) =>
  expression
    .replaceAll('$namespace', '.*')
    .replaceAll('$service', '.*')
    .replaceAll('$__rate_interval', '3m')
    // What seldom happens is shown as 0 where it never did; here it must have.
    .replace(/^\((.*)\) or vector\(0\)$/s, '$1');

const check = async (url) => {
  let passed = 0;
  const failures = [];
  const ask = async (name, query) => {
    const answer = await fetch(`${url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query }),
    }).then((each) => each.json());
    const hasData = answer.status === 'success' && answer.data.result.some(({ value }) => value[1] !== 'NaN');
    if (hasData) passed += 1;
    else failures.push(`${name}: ${answer.error ?? 'no data'}: ${query}`);
  };
  for (const file of readdirSync(path.join(root, 'k8s/dashboards')).filter((each) =>
    each.endsWith('.json'),
  )) {
    const { title, panels } = JSON.parse(readFileSync(path.join(root, 'k8s/dashboards', file), 'utf8'));
    for (const panel of panels)
      for (const { expr } of panel.targets ?? []) await ask(`${title}, ${panel.title}`, substitute(expr));
  }
  const read = new Map();
  for (const { rules } of (await fetch(`${url}/api/v1/rules`).then((each) => each.json())).data.groups)
    for (const { name, query, health, lastError } of rules) {
      if (health === 'ok') passed += 1;
      else failures.push(`rule ${name}: ${health} ${lastError ?? ''}`);
      for (const [series] of query.matchAll(/[a-z_:]+[a-z0-9_:]*_[a-z0-9_:]+/g)) read.set(series, name);
    }
  const names = new Set(
    (await fetch(`${url}/api/v1/label/__name__/values`).then((each) => each.json())).data,
  );
  for (const [series, rule] of read) {
    if (names.has(series)) passed += 1;
    else if (!/^(histogram_quantile|max_over_time|sum_over_time|vector|needs_attention)$/.test(series))
      failures.push(`rule ${rule} reads ${series}, which nobody writes`);
  }
  for (const failure of failures) console.log(failure);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0;
};

let ok = false;
try {
  installPrometheus();
  const shop = await startShop();
  const prometheus = await startPrometheus();
  acceptance(shop.origin);
  await breakThings(shop);
  ok = await check(prometheus);
  if (process.argv.includes('--pictures')) {
    const { drawDashboards } = await import('./draw-dashboards.mjs');
    mkdirSync(path.join(root, 'docs/dashboards'), { recursive: true });
    await drawDashboards({ url: prometheus, substitute, folder: path.join(root, 'docs/dashboards') });
  }
} catch (error) {
  console.log(error.message);
  console.log('0 passed, 1 failed');
} finally {
  for (const child of children.reverse()) child.kill('SIGTERM');
  await Promise.race([Promise.all(children.map(({ ended }) => ended)), wait(30_000)]);
  rmSync(folder, { recursive: true, force: true });
}
process.exit(ok ? 0 : 1);

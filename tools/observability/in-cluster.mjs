/**
 * The part of `npm run test:observability` that runs where the cluster can be reached: k8s/observability and a shop beside
 * it, installed as docs/kubernetes.md says; what Prometheus and the Collector then show of it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { askEverything } from '../dashboards/queries.ts';
import { imageName } from '../images/images.ts';
import { root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { until, wait } from '../test/processes.ts';
import { createSteps } from '../test/steps.ts';
import { forward, kubectl, makeNamespace, run } from './cluster.mjs';
import { tracesIn } from './kept-traces.mjs';
import { lookAtTraces } from './look-at-traces.mjs';
import { placeOrders } from './orders.mjs';
import { observabilityObjects } from './stack.mjs';

const { SHOP_URL, CLUSTER_VALUES, CLUSTER_TAG, PROMETHEUS_IMAGE, COLLECTOR_IMAGE } = process.env;
const { faultsInPod } = await load('experiments/shop/admin-port.ts');
const [shop, observability] = ['bulkhead-observed', 'observability'];
const inShop = kubectl(shop);
const inObservability = kubectl(observability);
const { say, check, add, failures, end } = createSteps();

const installObservability = () => {
  const images = { prometheus: PROMETHEUS_IMAGE, 'otel-collector': COLLECTOR_IMAGE };
  const items = observabilityObjects({ images, reader: imageName('gateway', { tag: CLUSTER_TAG }) });
  run('kubectl', ['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  for (const name of ['prometheus', 'otel-collector'])
    inObservability('rollout', 'status', `deployment/${name}`, '--timeout=120s');
};

const installShop = () => {
  // Where the servers of infra keep nothing, there is no storage for the simulated provider either.
  const { infra } = parse(readFileSync(CLUSTER_VALUES, 'utf8'));
  const values = {
    payment: { simulatedProvider: { storage: infra?.postgresql?.storage } },
    global: {
      image: { tag: CLUSTER_TAG },
      monitoring: { open: true },
      telemetry: { otlpEndpoint: `http://otel-collector.${observability}:4318`, tracesMode: 'tail' },
    },
  };
  const files = [CLUSTER_VALUES, path.join(root, 'charts/tests/cluster/experiments.yaml'), '-'];
  run(
    'helm',
    [
      ...['install', 'shop', path.join(root, 'charts/bulkhead'), '-n', shop, '--wait', '--timeout', '420s'],
      ...files.flatMap((file) => ['-f', file]),
    ],
    values,
  );
};

const prefix = 'shop-';
const setFaults = (service, faults) => {
  const token = Buffer.from(
    inShop('get', 'secret', `${prefix}${service}-credentials`, '-o', "jsonpath={.data['admin-token']}"),
    'base64',
  ).toString();
  const pods = JSON.parse(
    inShop(
      'get',
      'pods',
      '-l',
      `app.kubernetes.io/name=${service},app.kubernetes.io/component=service`,
      '-o',
      'json',
    ),
  ).items;
  const program = `${faultsInPod(token, faults)}.then(({ status, text }) => { if (status !== 200) throw new Error(text) })`;
  for (const { metadata } of pods) inShop('exec', metadata.name, '--', 'node', '-e', program);
};

/** Of all services, by their own account: what their pods expose, and what they wrote. */
const seenInPods = () => {
  const { items } = JSON.parse(
    inShop('get', 'pods', '-l', 'app.kubernetes.io/component=service', '-o', 'json'),
  );
  const names = items.map(({ metadata }) => metadata.name);
  const ask =
    "fetch('http://127.0.0.1:9090/metrics', { headers: { accept: 'application/openmetrics-text' } }).then((r) => r.text()).then(console.log)";
  return {
    metrics: names.map((name) => inShop('exec', name, '--', 'node', '-e', ask)).join('\n'),
    log: names.map((name) => inShop('logs', name, '--tail=-1')).join('\n'),
  };
};

const kept = () => {
  const program = "process.stdout.write(require('node:fs').readFileSync('/data/kept.jsonl'))";
  return tracesIn(
    inObservability('exec', 'deployment/otel-collector', '-c', 'reader', '--', 'node', '-e', program),
  );
};

const lookAtPrometheus = async () => {
  const { url, stop } = await forward(observability, 'deployment/prometheus', 9090);
  try {
    const get = async (at) => (await (await fetch(`${url}/api/v1/${at}`)).json()).data;
    const { activeTargets } = await get('targets?state=active');
    const ofShop = activeTargets.filter(({ labels }) => labels.namespace === shop);
    const services = new Set(
      ofShop.filter(({ labels }) => labels.job === 'bulkhead').map(({ labels }) => labels.service),
    );
    check('every service is found', services.size === 9 || `${services.size}: ${[...services]}`);
    const jobs = new Set(ofShop.map(({ labels }) => labels.job));
    check('so is the broker', jobs.has('rabbitmq') && jobs.has('rabbitmq-queues') ? true : [...jobs].join());
    const down = ofShop
      .filter(({ health }) => health !== 'up')
      .map(({ labels, lastError }) => `${labels.pod}: ${lastError}`);
    check('all of them can be read', down.length === 0 || down.join('; '));
    const { version } = await get('status/buildinfo');
    // What only an accident shows is seen by test:dashboards, which has some.
    const asked = await askEverything(url, { mayBeEmpty: true });
    add(asked);
    say(
      `${asked.passed} queries were asked of Prometheus ${version}; ${asked.empty.length} had nothing to show`,
    );
    check('most panels show something', asked.empty.length < asked.passed / 4 || asked.empty.join('\n'));
  } finally {
    stop();
  }
};

try {
  makeNamespace(shop);
  run('kubectl', ['delete', 'namespace', observability, '--ignore-not-found', '--wait', '--timeout=120s']);
  installObservability();
  say('Prometheus and the Collector are up');
  installShop();
  say('the shop is up');
  const acceptance = await load('apps/acceptance/src/client.ts');
  const client = acceptance.createShopClient(SHOP_URL);
  await until(
    'the gateway responds',
    async () => (await client.call('/api/v1/products?limit=1')).status === 200,
  );
  const orders = await placeOrders({ origin: SHOP_URL, setFaults });
  say('orders were placed');
  await wait(5_000);
  const seen = seenInPods();
  await lookAtPrometheus();
  const look = () => lookAtTraces({ traces: kept(), orders, ...seen });
  await until('all is well', () => look().every(([, outcome]) => outcome === true), 60_000).catch(
    () => undefined,
  );
  for (const [what, outcome] of look()) check(what, outcome);
} catch (error) {
  failures.push(error.stack);
} finally {
  for (const name of [shop, observability])
    run('kubectl', ['delete', 'namespace', name, '--ignore-not-found', '--wait=false']);
  run('kubectl', [
    ...['delete', 'clusterrole,clusterrolebinding', '--ignore-not-found'],
    ...['prometheus', 'alloy', 'grafana'].map((name) => `observability-${name}`),
  ]);
}
end();

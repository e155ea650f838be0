import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { repository, run } from '../helm';
import { objectionsTo } from '../kubeconform';
import { breaches } from '../restricted';
import { podsOf } from '../scenarios';

const folder = join(repository, 'k8s/observability');
const { status, stdout: text, stderr } = run('kubectl', ['kustomize', folder]);
const objects = parseAllDocuments(text).map((document) => document.toJS());
const config = (file: string) => parse(readFileSync(join(folder, 'config', file), 'utf8'));
const datasources: any[] = config('datasources.yaml').datasources;
const dashboardFolder = join(repository, 'k8s/dashboards');
const dashboards = existsSync(dashboardFolder)
  ? readdirSync(dashboardFolder).filter((file) => file.endsWith('.json'))
  : [];

test('one kubectl apply -k makes it, of objects that Kubernetes takes', () => {
  expect([status, stderr]).toEqual([0, '']);
  expect(objectionsTo(text)).toEqual([]);
});

test('every pod runs where the restricted pod security standard is enforced, from a pinned image', () => {
  const [namespace] = objects.filter(({ kind }) => kind === 'Namespace');
  expect(namespace.metadata.labels).toEqual({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const pods = podsOf(objects);
  expect(pods).toHaveLength(6);
  for (const { name, template } of pods) {
    expect([name, breaches(template)]).toEqual([name, []]);
    for (const { image } of template.spec.containers)
      expect(image).toMatch(/:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$/);
  }
});

test('only what reads from the API server has a token for it, and may read no Secrets', () => {
  for (const { name, template } of podsOf(objects))
    expect([name, template.spec.automountServiceAccountToken]).toEqual([
      name,
      template.spec.serviceAccountName !== undefined,
    ]);
  for (const { rules } of objects.filter(({ kind }) => kind === 'ClusterRole'))
    for (const { resources, verbs } of rules) {
      expect(resources).not.toContain('secrets');
      expect(['get', 'list', 'watch']).toEqual(expect.arrayContaining(verbs));
    }
});

test('what one part calls another by is a Service with that port', () => {
  const ports = new Set(
    objects
      .filter(({ kind }) => kind === 'Service')
      .flatMap(({ metadata, spec }) => spec.ports.map(({ port }: any) => `${metadata.name}:${port}`)),
  );
  const called = [
    ...datasources.map(({ url }) => new URL(url).host),
    config('collector.yaml').exporters.otlp_grpc.endpoint,
    ...config('prometheus.yaml').scrape_configs.find(({ job_name }: any) => job_name === 'observability').static_configs[0].targets.filter(
      (target: string) => !target.startsWith('localhost'),
    ),
    new URL(/url = "([^"]+)"/.exec(readFileSync(join(folder, 'config/alloy.alloy'), 'utf8'))?.[1] ?? '').host,
  ];
  for (const host of called) expect([...ports]).toContain(host);
  const [endpoint] = /http:\/\/otel-collector\.observability:\d+/.exec(
    readFileSync(join(repository, 'skaffold.yaml'), 'utf8'),
  ) ?? [''];
  expect([...ports]).toContain(new URL(endpoint).host.replace('.observability', ''));
});

test('the collector keeps whole traces that failed, were slow or were asked for, as services count on it', () => {
  const { policies, decision_wait } = config('collector.yaml').processors.tail_sampling;
  expect(policies.map(({ type }: any) => type)).toEqual(['status_code', 'latency', 'boolean_attribute']);
  const source = (file: string) => readFileSync(join(repository, 'libs/telemetry/src', file), 'utf8');
  const [, judgedAfterMs] = /judgedAfterMs = ([\d_]+)/.exec(source('local-trace.ts'))!;
  const [, slowMs] = /slowMs \?\? ([\d_]+)/.exec(source('telemetry.ts'))!;
  const ms = (text: string) => Number(text.replaceAll('_', ''));
  expect(source('keep-trace.ts')).toContain(`'${policies[2].boolean_attribute.key}'`);
  expect(policies[1].latency.threshold_ms).toBeLessThan(ms(slowMs!));
  expect(Number.parseInt(decision_wait, 10) * 1_000).toBeGreaterThanOrEqual(ms(judgedAfterMs!) + 10_000);
});

test('a metric leads to its trace, a trace to its logs and metrics, a log line to its trace', () => {
  const of = (uid: string) => datasources.find((each) => each.uid === uid).jsonData;
  expect(of('prometheus').exemplarTraceIdDestinations).toEqual([{ name: 'trace_id', datasourceUid: 'tempo' }]);
  expect(of('tempo').tracesToLogsV2.datasourceUid).toBe('loki');
  expect(of('tempo').tracesToMetrics.datasourceUid).toBe('prometheus');
  expect(of('loki').derivedFields[0]).toMatchObject({ name: 'trace_id', datasourceUid: 'tempo' });
});

test('a rule that is edited reaches Prometheus, and what Tempo draws from may be written there', () => {
  const prometheus = podsOf(objects).find(({ template }) => template.spec.containers[0].name === 'prometheus');
  const { args } = prometheus!.template.spec.containers[0];
  // A ConfigMap's volume follows its ConfigMap: Prometheus has to look at it again.
  expect(args).toEqual(expect.arrayContaining(['--config.auto-reload', '--web.enable-remote-write-receiver']));
  expect(objects.find(({ metadata }) => metadata.name === 'prometheus-rules')?.kind).toBe('ConfigMap');
  const tempo = config('tempo.yaml');
  const { serviceMap } = datasources.find(({ uid }) => uid === 'tempo').jsonData;
  expect(tempo.overrides.defaults.metrics_generator.processors).toEqual(['service-graphs', 'span-metrics']);
  const { url } = datasources.find(({ uid }) => uid === serviceMap.datasourceUid);
  expect(tempo.metrics_generator.storage.remote_write).toEqual([{ url: `${url}/api/v1/write` }]);
});

test('every dashboard is put in front of Grafana, and asks only data sources that there are', () => {
  const shown = objects.filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
  expect(shown.flatMap(({ data }) => Object.keys(data)).sort()).toEqual([...dashboards].sort());
  const known = [...datasources.map(({ uid }) => uid), '-- Grafana --', '-- Mixed --', 'grafana'];
  for (const file of dashboards) {
    const uids = new Set<string>();
    JSON.parse(readFileSync(join(dashboardFolder, file), 'utf8'), (key, value) => {
      if (key === 'datasource' && value?.uid && !String(value.uid).startsWith('$')) uids.add(value.uid);
      return value;
    });
    for (const uid of uids) expect([file, known]).toEqual([file, expect.arrayContaining([uid])]);
  }
});

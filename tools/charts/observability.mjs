/** What `kubectl apply -k k8s/observability` puts together: kustomize takes no patterns, so files are named one by one. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { root } from '../bootstrap/install.mjs';

const head = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
const filesIn = (folder, ending) =>
  existsSync(path.join(root, folder))
    ? readdirSync(path.join(root, folder))
        .filter((file) => file.endsWith(ending) && file !== 'kustomization.yaml')
        .sort()
    : [];
const configs = {
  'otel-collector': ['collector.yaml'],
  prometheus: ['prometheus.yaml'],
  tempo: ['tempo.yaml'],
  loki: ['loki.yaml'],
  alloy: ['alloy.alloy'],
  grafana: ['datasources.yaml', 'dashboards.yaml'],
};

/** A ConfigMap a dashboard: together they are more than one may hold. The label is what Grafana's sidecar looks for. */
const dashboards = () => ({
  ...head,
  configMapGenerator: filesIn('k8s/dashboards', '.json').map((file) => ({
    name: `dashboard-${path.basename(file, '.json')}`,
    files: [file],
  })),
  generatorOptions: { disableNameSuffixHash: true, labels: { grafana_dashboard: '1' } },
});

/** Rules as Prometheus reads them; alerts for the operator are in the charts. */
const alerts = () => ({
  ...head,
  configMapGenerator: [{ name: 'prometheus-rules', files: filesIn('k8s/alerts', '.yaml') }],
  generatorOptions: { disableNameSuffixHash: true },
});

/** @param {string} note heads every file. @returns generated files by their path, with their text */
export function observabilityFiles(note) {
  const text = (content) => `# ${note}\n${stringify(content, { lineWidth: 0 })}`;
  const hasDashboards = filesIn('k8s/dashboards', '.json').length > 0;
  const hasAlerts = filesIn('k8s/alerts', '.yaml').length > 0;
  const all = {
    ...head,
    namespace: 'observability',
    resources: [
      ...filesIn('k8s/observability', '.yaml'),
      ...(hasDashboards ? ['../dashboards'] : []),
      ...(hasAlerts ? ['../alerts'] : []),
    ],
    configMapGenerator: Object.entries(configs).map(([name, files]) => ({
      name,
      files: files.map((file) => `config/${file}`),
    })),
  };
  return new Map([
    ['k8s/observability/kustomization.yaml', text(all)],
    ...(hasAlerts ? [['k8s/alerts/kustomization.yaml', text(alerts())]] : []),
    ...(hasDashboards ? [['k8s/dashboards/kustomization.yaml', text(dashboards())]] : []),
  ]);
}

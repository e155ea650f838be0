/** What k8s/observability makes of Prometheus and the Collector, for a test to install beside a shop. */
import path from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { root } from '../bootstrap/install.mjs';
import { run } from './cluster.mjs';

const looked = ['prometheus', 'otel-collector'];

/**
 * The committed objects, but of Deployments only those of Prometheus and the Collector, with images that this cluster has;
 * Prometheus looks more often, and the Collector writes what it keeps to a file, which a container beside it reads.
 * @param {{ images: Record<string, string>, reader: string }} options images by the name of the Deployment; one with Node.js
 */
export const observabilityObjects = ({ images, reader }) => {
  const committed = run('kubectl', ['kustomize', path.join(root, 'k8s/observability')]);
  return parseAllDocuments(committed)
    .map((document) => document.toJS())
    .filter(({ kind, metadata }) => kind !== 'Deployment' || looked.includes(metadata.name))
    .map((object) => {
      const { kind, metadata } = object;
      if (kind === 'ConfigMap' && metadata.name.startsWith('prometheus-') && object.data['prometheus.yaml'])
        return { ...object, data: { 'prometheus.yaml': hurried(object.data['prometheus.yaml']) } };
      if (kind !== 'Deployment') return object;
      const { spec } = object.spec.template;
      const [container] = spec.containers;
      container.image = images[metadata.name] ?? container.image;
      if (metadata.name === 'otel-collector') {
        container.args.push(`--config=yaml:${JSON.stringify(toFile)}`);
        spec.containers.push({
          name: 'reader',
          image: reader,
          command: ['node', '-e', 'setInterval(() => undefined, 1e6)'],
          securityContext: container.securityContext,
          volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
        });
      }
      return object;
    });
};

const toFile = {
  exporters: { file: { path: '/data/kept.jsonl' } },
  service: { pipelines: { traces: { exporters: ['file'] } } },
};

const hurried = (text) => {
  const config = parse(text);
  config.global = { scrape_interval: '3s', evaluation_interval: '5s', scrape_timeout: '3s' };
  return stringify(config);
};

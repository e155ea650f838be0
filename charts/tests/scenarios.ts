import { serviceNames } from '@bulkhead/contracts/services';
import { type KubeObject, productionValues, render, tryLibrary, type RenderOptions } from './helm';

const monitoring = { global: { monitoring: { enabled: true, labels: { release: 'prometheus' } } } };

const shownAndWatched = { monitoring: { dashboards: { enabled: true }, rules: { enabled: true } } };

const uploaded = { image: 'registry.example/upload:1.0', command: ['sh', '-c', 'upload /backup'] };

export interface Scenario {
  readonly name: string;
  readonly chart: string;
  readonly values: object;
  readonly options?: RenderOptions;
}

export const services: readonly string[] = serviceNames.toSorted();
export const withDatabase = services.filter((name) => name !== 'gateway');
/** The services, and the pages that people see, which deploy as one. */
export const parts = [...services, 'storefront'];
export const charts = [...parts, 'infra', 'bulkhead'];

/** The ways in which people install the shop, and each kind of object that the charts can make. */
export const scenarios: readonly Scenario[] = [
  { name: 'the shop with no values at all', chart: 'bulkhead', values: {} },
  { name: 'an upgrade of that', chart: 'bulkhead', values: {}, options: { upgrade: true } },
  {
    name: 'the shop for development',
    chart: 'bulkhead',
    values: { order: { development: { watch: true } }, payment: { development: { watch: true } } },
    options: { files: ['values-dev.yaml'] },
  },
  {
    name: 'the shop on kind',
    chart: 'bulkhead',
    values: monitoring,
    options: { files: ['values-kind.yaml'] },
  },
  {
    name: 'the shop behind an Ingress',
    chart: 'bulkhead',
    values: { gateway: { exposure: { type: 'ingress', host: 'shop.example', tlsSecret: 'tls' } } },
  },
  {
    name: 'production',
    chart: 'bulkhead',
    values: productionValues,
    options: { files: ['values-production.yaml'] },
  },
  {
    name: 'production with KEDA and TLS to everything',
    chart: 'bulkhead',
    values: withTls(),
    options: { files: ['values-production.yaml', 'values-production-keda.yaml'] },
  },
  {
    name: 'production with backups that are taken elsewhere',
    chart: 'bulkhead',
    values: {
      ...withTls(),
      global: { ...productionValues.global, backup: { enabled: true, upload: uploaded } },
    },
    options: { files: ['values-production.yaml'] },
  },
  { name: 'the test chart of the library', chart: tryLibrary(), values: monitoring },
  ...parts.map((chart) => ({ name: `${chart} as a release of its own`, chart, values: {} })),
  ...services.map((chart) => ({
    name: `${chart} as a release of its own, shown and watched`,
    chart,
    values: { ...monitoring, ...shownAndWatched },
  })),
  { name: 'infra as a release of its own', chart: 'infra', values: {} },
];

/** Production, where the database and the broker are reached by TLS with an authority of one's own. */
export function withTls(): Record<string, object> {
  const tls = { mode: 'verify-full', ca: { existingSecret: 'authority' } };
  return Object.fromEntries(
    Object.entries(productionValues as Record<string, any>).map(([name, values]) => [
      name,
      withDatabase.includes(name)
        ? {
            ...values,
            database: { ...values['database'], tls },
            broker: { ...values['broker'], ca: { existingSecret: 'authority' } },
          }
        : values,
    ]),
  );
}

const rendered = new Map<string, readonly KubeObject[]>();

export function objectsOf({ name, chart, values, options }: Scenario): readonly KubeObject[] {
  const found = rendered.get(name) ?? render(chart, values, { release: 'shop', ...options });
  rendered.set(name, found);
  return found;
}

export interface PodOwner {
  readonly name: string;
  readonly template: any;
}

/** Everything that makes pods, with its pod template. */
export const podsOf = (objects: readonly KubeObject[]): PodOwner[] =>
  objects
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod'].includes(kind))
    .map((object) => ({ name: `${object.kind} ${object.metadata.name}`, template: templateOf(object) }));

function templateOf(object: KubeObject): any {
  if (object.kind === 'Pod') return object;
  return object.kind === 'CronJob' ? object['spec'].jobTemplate.spec.template : object['spec'].template;
}

/** Deployments of the shop's services, by service. */
export const serviceDeployments = (objects: readonly KubeObject[]) =>
  new Map(
    objects
      .filter(
        ({ kind, metadata }) =>
          kind === 'Deployment' && metadata.labels['app.kubernetes.io/component'] === 'service',
      )
      .map((object) => [object.metadata.labels['app.kubernetes.io/name'] ?? '', object]),
  );

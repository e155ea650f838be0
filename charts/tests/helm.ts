import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@bulkhead/contracts/services';
import { parseAllDocuments } from 'yaml';

export const repository = join(__dirname, '../..');
export const chartPath = (chart: string) => join(repository, 'charts', chart);

/** Puts the library chart where Helm looks for it when it renders the chart that tries it. @returns that chart's name */
export function tryLibrary(): string {
  cpSync(chartPath('service'), join(chartPath('tests/library'), 'charts/service'), { recursive: true });
  return 'tests/library';
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // What is in it depends on the kind; tests look at what they know.
  readonly [key: string]: any;
}

export interface RenderOptions {
  readonly release?: string;
  readonly namespace?: string;
  readonly upgrade?: boolean;
  /** Files of values beside the chart's own. */
  readonly files?: readonly string[];
}

/** Runs a program. @returns what it wrote, and its exit code */
export function run(command: string, args: readonly string[], input = '') {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: repository,
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`${command} cannot be run: ${error.message}`);
  return { status, stdout, stderr };
}

export function template(chart: string, values: object, options: RenderOptions = {}) {
  const { release = chart, namespace = 'shop', upgrade = false, files = [] } = options;
  const given = files.flatMap((file) => ['-f', join(chartPath(chart), file)]);
  const flags = [...given, '-f', '-', '-n', namespace, ...(upgrade ? ['--is-upgrade'] : [])];
  return run('helm', ['template', release, chartPath(chart), ...flags], JSON.stringify(values));
}

/** What a chart renders to, as YAML. @throws Error with Helm's words when it refuses */
export function renderText(chart: string, values: object = {}, options: RenderOptions = {}): string {
  const { status, stdout, stderr } = template(chart, values, options);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** What a chart renders to. @throws Error with Helm's words when it refuses */
export const render = (chart: string, values: object = {}, options: RenderOptions = {}): KubeObject[] =>
  parseAllDocuments(renderText(chart, values, options), { version: '1.1' })
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);

/** Why Helm refuses values. @throws Error when it does not */
export function refusal(chart: string, values: object, options: RenderOptions = {}): string {
  const { status, stderr } = template(chart, values, options);
  if (status === 0) throw new Error('helm took values that it should refuse');
  return stderr;
}

export const ofKind = (objects: readonly KubeObject[], kind: string) =>
  objects.filter((object) => object.kind === kind);

/** @throws Error when there is none */
export function named(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

const block = (cidr: string) => [{ ipBlock: { cidr } }];

/** Values of the umbrella for a complete production. */
export const productionValues = {
  global: {
    publicUrl: 'https://shop.example',
    networkPolicy: {
      apiServer: { to: block('10.0.0.1/32') },
      database: { to: block('10.1.0.0/28') },
      broker: { to: block('10.2.0.0/28') },
    },
  },
  payment: {
    config: { PAYMENT_PROVIDER: 'stripe' },
    secrets: {
      STRIPE_SECRET_KEY: { existingSecret: 'stripe' },
      PAYMENT_WEBHOOK_SECRET: { existingSecret: 'stripe', key: 'webhook' },
    },
    database: { existingSecret: 'pg-payment' },
    broker: { existingSecret: 'mq-payment' },
  },
  notification: {
    config: { MAIL_FROM: 'Shop <orders@shop.example>' },
    secrets: { SMTP_URL: { existingSecret: 'smtp' } },
    networkPolicy: { smtp: { to: block('10.5.0.0/28'), ports: [587] } },
    database: {
      existingSecret: 'pg-notification',
      keys: { app: 'uri' },
      ownerSecret: 'pg-notification-owner',
    },
    broker: { existingSecret: 'mq-notification' },
  },
  ...Object.fromEntries(
    serviceNames
      .filter((name) => !['gateway', 'payment', 'notification'].includes(name))
      .map((name) => [
        name,
        { database: { existingSecret: `pg-${name}` }, broker: { existingSecret: `mq-${name}` } },
      ]),
  ),
  gateway: {
    exposure: { type: 'gateway', host: 'shop.example', tlsSecret: 'tls', gateway: { className: 'eg' } },
  },
};

export const renderProduction = () =>
  render('bulkhead', productionValues, { files: ['values-production.yaml'] });

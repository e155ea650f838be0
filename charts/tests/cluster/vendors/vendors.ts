import { randomBytes } from 'node:crypto';
import { request as send } from 'node:https';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type Authority, createAuthority } from '@bulkhead/testing/authority';
import type { StripeIntent, StripeRefund } from '@bulkhead/app/payment/src/testing/stripe-server';
import type { Mail } from '@bulkhead/testing/smtp';
import { build } from 'esbuild';
import { type Kube, within } from '../kube';
import { ownCpu } from '../own-cpu';
import type { ClientRequest, Reply } from './appending-proxy';
import { type VendorConfig, vendorPorts } from './program';

export interface VendorOptions {
  readonly images: { readonly postgresql: string; readonly rabbitmq: string; readonly node: string };
  /** The origin of the shop's gateway, to which Stripe sends webhooks, and the load balancer everything. */
  readonly gateway: string;
}

/** What came to Stripe, and how its webhooks were taken. */
export interface StripeState {
  readonly intents: readonly StripeIntent[];
  readonly refunds: readonly StripeRefund[];
  readonly webhooks: { readonly accepted: number; readonly refused: number };
}

/** What other companies run for the shop, in a namespace of its own: nothing here is of the shop's making. */
export interface Vendors {
  readonly authority: Authority;
  /** Host names inside the cluster. */
  readonly hosts: Readonly<Record<'postgresql' | 'rabbitmq' | 'smtp' | 'stripe', string>>;
  /** A role that may create databases and roles, and is no superuser, as managed servers give one. */
  readonly databaseAdmin: { readonly user: string; readonly password: string };
  readonly brokerAdmin: { readonly user: string; readonly password: string };
  readonly smtp: { readonly user: string; readonly password: string };
  readonly stripe: { readonly key: string; readonly webhookSecret: string };
  stripeState(): Promise<StripeState>;
  mails(): Promise<readonly Mail[]>;
  /** Asks the shop one after the other through a load balancer, which appends the client's address to `X-Forwarded-For`. */
  askAs(requests: readonly ClientRequest[]): Promise<Reply[]>;
  /** Keys and webhook secrets that Stripe takes and signs with from now on. */
  changeStripe(change: Partial<VendorConfig['stripe']>): Promise<void>;
  changeMailPassword(password: string): Promise<void>;
  /** By RabbitMQ's management API, as its administrator. */
  changeBrokerPassword(user: string, password: string): Promise<void>;
  /** Lets PostgreSQL and RabbitMQ present certificates of that authority, without a restart. */
  presentCertificatesOf(authority: Authority): Promise<void>;
  /** Runs SQL as `databaseAdmin`, or as the superuser, whom managed servers give to nobody. @returns the rows as text */
  sql(
    statements: string,
    options?: { readonly database?: string; readonly superuser?: boolean },
  ): Promise<string>;
  rabbitmqctl(...words: readonly string[]): Promise<string>;
}

const random = () => randomBytes(18).toString('hex');
const restricted = (user: number) => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  seccompProfile: { type: 'RuntimeDefault' },
  // For 587, which is a root's port elsewhere.
  sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
});
const unprivileged = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const secret = <T extends object>(name: string, stringData: T) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const service = (name: string, app: string, ports: Record<string, number>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app }, ports: Object.entries(ports).map(([each, port]) => ({ name: each, port })) },
});
const deployment = (name: string, user: number, container: object, volumes: object[]) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    strategy: { type: 'Recreate' },
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        automountServiceAccountToken: false,
        securityContext: restricted(user),
        containers: [{ name, imagePullPolicy: 'IfNotPresent', securityContext: unprivileged, ...container }],
        volumes,
      },
    },
  },
});

/** Starts PostgreSQL and RabbitMQ that speak TLS only, a mail server on 587, and Stripe. */
export async function startVendors(kube: Kube, { images, gateway }: VendorOptions): Promise<Vendors> {
  const authority = createAuthority('Vendors');
  const host = (name: string) => `${name}.${kube.namespace}.svc`;
  const hosts = {
    postgresql: host('postgresql'),
    rabbitmq: host('rabbitmq'),
    smtp: host('smtp'),
    stripe: host('stripe'),
  };
  const databaseAdmin = { user: 'platform', password: random() };
  const brokerAdmin = { user: 'platform', password: random() };
  const smtp = { user: 'shop', password: random() };
  const stripe = { key: `rk_test_${random()}`, webhookSecret: `whsec_${random()}` };
  const config: VendorConfig = {
    stripe: {
      keys: [stripe.key],
      webhooks: `${gateway}/api/v1/payments/webhooks/stripe`,
      secrets: [stripe.webhookSecret],
    },
    smtp: { ...smtp, ...authority.issue([hosts.smtp]) },
    gateway,
  };
  const certificatesOf = ({ ca, issue }: Authority) => [
    secret('postgresql', issue([hosts.postgresql])),
    secret('rabbitmq', { ...issue([hosts.rabbitmq]), ca }),
  ];
  const superuser = random();
  const bundle = brotliCompressSync(await bundleOf(join(__dirname, 'program.ts')));
  const code = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vendors' },
    binaryData: { 'program.br': bundle.toString('base64') },
  };
  // `kubectl apply` would keep a copy of it in an annotation, which it is too large for.
  await kube.kubectl(['create', '-f', '-'], JSON.stringify(code));
  await kube.apply(
    ...certificatesOf(authority),
    service('postgresql', 'postgresql', { postgresql: 5432 }),
    deployment(
      'postgresql',
      999,
      {
        image: images.postgresql,
        resources: ownCpu('300m'),
        // Clients without TLS are turned away.
        args: [
          'postgres',
          '-c',
          'ssl=on',
          '-c',
          'ssl_cert_file=/tls/cert',
          '-c',
          'ssl_key_file=/tls/key',
          '-c',
          'hba_file=/hba/pg_hba.conf',
          '-c',
          'max_connections=400',
        ],
        env: [
          { name: 'PGDATA', value: '/data/pgdata' },
          { name: 'POSTGRES_PASSWORD', value: superuser },
        ],
        readinessProbe: { exec: { command: ['pg_isready', '-h', '127.0.0.1'] }, periodSeconds: 2 },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'run', mountPath: '/var/run/postgresql' },
          { name: 'tls', mountPath: '/tls' },
          { name: 'hba', mountPath: '/hba' },
        ],
      },
      [
        { name: 'data', emptyDir: {} },
        { name: 'run', emptyDir: {} },
        { name: 'tls', secret: { secretName: 'postgresql', defaultMode: 0o440 } },
        { name: 'hba', configMap: { name: 'postgresql' } },
      ],
    ),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'postgresql' },
      data: { 'pg_hba.conf': 'local all all trust\nhostssl all all all scram-sha-256\n' },
    },
    service('rabbitmq', 'rabbitmq', { amqps: 5671, management: 15671 }),
    deployment(
      'rabbitmq',
      999,
      {
        image: images.rabbitmq,
        resources: ownCpu('200m'),
        env: [
          { name: 'RABBITMQ_DEFAULT_USER', value: brokerAdmin.user },
          { name: 'RABBITMQ_DEFAULT_PASS', value: brokerAdmin.password },
          { name: 'RABBITMQ_NODENAME', value: 'rabbit@localhost' },
        ],
        readinessProbe: { tcpSocket: { port: 5671 }, periodSeconds: 2 },
        volumeMounts: [
          { name: 'data', mountPath: '/var/lib/rabbitmq' },
          { name: 'log', mountPath: '/var/log/rabbitmq' },
          { name: 'tls', mountPath: '/tls' },
          { name: 'config', mountPath: '/etc/rabbitmq/conf.d/20-tls.conf', subPath: '20-tls.conf' },
        ],
      },
      [
        { name: 'data', emptyDir: {} },
        { name: 'log', emptyDir: {} },
        { name: 'tls', secret: { secretName: 'rabbitmq', defaultMode: 0o440 } },
        { name: 'config', configMap: { name: 'rabbitmq' } },
      ],
    ),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'rabbitmq' },
      data: {
        '20-tls.conf': [
          'listeners.tcp = none',
          'listeners.ssl.default = 5671',
          ...['cacertfile = /tls/ca', 'certfile = /tls/cert', 'keyfile = /tls/key'].flatMap((line) => [
            `ssl_options.${line}`,
            `management.ssl.${line}`,
          ]),
          'management.ssl.port = 15671',
          '',
        ].join('\n'),
      },
    },
    secret('vendors', { config: JSON.stringify(config) }),
    service('smtp', 'vendors', { smtp: vendorPorts.smtp }),
    service('stripe', 'vendors', { http: vendorPorts.stripe }),
    service('vendors', 'vendors', { control: vendorPorts.control }),
    deployment(
      'vendors',
      10_001,
      {
        image: images.node,
        resources: ownCpu('50m'),
        command: ['node', '-e', unpacking],
        env: [{ name: 'CONFIG', valueFrom: { secretKeyRef: { name: 'vendors', key: 'config' } } }],
        readinessProbe: { tcpSocket: { port: vendorPorts.control }, periodSeconds: 2 },
        volumeMounts: [
          { name: 'code', mountPath: '/code' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
      [
        { name: 'code', configMap: { name: 'vendors' } },
        { name: 'tmp', emptyDir: {} },
      ],
    ),
  );
  await Promise.all(
    ['postgresql', 'rabbitmq', 'vendors'].map((name) => kube.rolledOut(`deployment/${name}`)),
  );
  const rabbitmqctl = (...words: readonly string[]) =>
    kube.kubectl(['exec', 'deploy/rabbitmq', '--', 'rabbitmqctl', ...words]);
  const sql: Vendors['sql'] = (statements, options = {}) => {
    const login = options.superuser
      ? `postgres:${superuser}`
      : `${databaseAdmin.user}:${databaseAdmin.password}`;
    const url = `postgres://${login}@127.0.0.1/${options.database ?? 'postgres'}?sslmode=require`;
    const words = ['psql', url, '-v', 'ON_ERROR_STOP=1', '-q', '-At', '-f', '-'];
    return kube.kubectl(['exec', '-i', 'deploy/postgresql', '--', ...words], statements);
  };
  // The entry point of the image starts the server once to set it up, and then again.
  const { user, password } = databaseAdmin;
  await within(30, () =>
    sql(`create role ${user} login createdb createrole password '${password}'`, { superuser: true }),
  );

  const control = async <T>(method: string, path: string, given?: object): Promise<T> => {
    const { port, stop } = await kube.forward('svc/vendors', vendorPorts.control);
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        ...(given && { body: JSON.stringify(given) }),
      });
      if (!response.ok) throw new Error(`vendors: ${method} ${path}: ${await response.text()}`);
      return (await response.json()) as T;
    } finally {
      stop();
    }
  };

  return {
    ...{ authority, hosts, databaseAdmin, brokerAdmin, smtp, stripe, sql, rabbitmqctl },
    stripeState: () => control('GET', '/'),
    mails: () => control('GET', '/mails'),
    askAs: (requests) => control('POST', '/clients', requests),
    changeStripe: (change) => control('PUT', '/stripe', change),
    changeMailPassword: (young) => control('PUT', '/smtp', { password: young }),
    async changeBrokerPassword(name, young) {
      const { port, stop } = await kube.forward('svc/rabbitmq', 15671);
      try {
        await putJson(
          `https://127.0.0.1:${port}/api/users/${name}`,
          { password: young, tags: '' },
          brokerAdmin,
        );
      } finally {
        stop();
      }
    },
    async presentCertificatesOf(young) {
      const secrets = certificatesOf(young);
      await kube.apply(...secrets);
      const servers = ['postgresql', 'rabbitmq'];
      const selector = `app in (${servers.join()})`;
      await kube.kubectl(['annotate', 'pods', '-l', selector, `rotated-at=${Date.now()}`, '--overwrite']);
      await within(90, async () => {
        for (const { metadata, stringData } of secrets) {
          const mounted = await kube.kubectl(['exec', `deploy/${metadata.name}`, '--', 'cat', '/tls/cert']);
          if (mounted.trim() !== stringData.cert.trim())
            throw new Error(`${metadata.name} has its old certificate mounted`);
        }
      });
      await sql('select pg_reload_conf()', { superuser: true });
      await rabbitmqctl('eval', 'ssl:clear_pem_cache().');
    },
  };
}

/** To a server whose certificate is for another name than it is reached by, through a port-forward. */
function putJson(url: string, body: object, { user, password }: { user: string; password: string }) {
  return new Promise<void>((resolve, reject) => {
    const options = {
      method: 'PUT',
      auth: `${user}:${password}`,
      headers: { 'content-type': 'application/json' },
      rejectUnauthorized: false,
    };
    const request = send(url, options, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode! < 300) resolve();
        else reject(new Error(`PUT ${new URL(url).pathname}: ${response.statusCode}`));
      });
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

const unpacking =
  "require('fs').writeFileSync('/tmp/p.cjs', require('zlib').brotliDecompressSync(require('fs').readFileSync('/code/program.br'))); require('/tmp/p.cjs')";

async function bundleOf(file: string): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [file],
    tsconfig: join(__dirname, '../../../../tsconfig.json'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    write: false,
    logLevel: 'warning',
  });
  return Buffer.from(outputFiles[0]!.contents);
}

import { randomBytes } from 'node:crypto';
import { serviceNames } from '@bulkhead/contracts/services';
import { type Kube, within } from '../cluster/kube';
import type { ShopState } from '../cluster/nothing-lost';
import type { OutsideProvider } from '../cluster/outside-provider';
import { ownCpu } from '../cluster/own-cpu';

export interface ReplicatedServers {
  /** Values of the umbrella. */
  readonly values: Record<string, object>;
  readonly state: Omit<ShopState, 'provider'>;
  /** Runs SQL as superuser on one of the two. */
  sql(pod: 'postgresql-a' | 'postgresql-b', text: string): Promise<string>;
  /** Leads new connections to this one. */
  lead(pod: 'postgresql-a' | 'postgresql-b'): Promise<void>;
  /** Names of the nodes of Kubernetes on which the leaders of queues are, one for each queue. */
  leaders(): Promise<string[]>;
}

export interface ReplicatedOptions {
  readonly images: { readonly postgresql: string; readonly rabbitmq: string; readonly jobs: string };
  /** Labels of the nodes where the first server and what has one pod is, and where the standby. */
  readonly first: Readonly<Record<string, string>>;
  readonly second: Readonly<Record<string, string>>;
  readonly provider: OutsideProvider;
}

const services = serviceNames.filter((name) => name !== 'gateway');
const random = () => randomBytes(18).toString('hex');
const brokers = [0, 1, 2];
const secret = (name: string, stringData: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const service = (name: string, selector: object, ports: Record<string, number>, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector, ports: Object.entries(ports).map(([each, port]) => ({ name: each, port })), ...spec },
});
const restricted = (user: number) => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  seccompProfile: { type: 'RuntimeDefault' },
});
const unprivileged = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/**
 * PostgreSQL with a synchronous standby by streaming replication, RabbitMQ as a cluster of three with quorum queues, and
 * a mail server with one pod; none of them is of the shop's making.
 */
export async function startReplicatedServers(
  shop: Kube,
  kube: Kube,
  { images, first, second, provider }: ReplicatedOptions,
): Promise<ReplicatedServers> {
  const password = random();
  const admin = { user: 'platform', password: random() };
  const domain = `${kube.namespace}.svc.cluster.local`;
  const brokerHost = (index: number) => `rabbitmq-${index}.rabbitmq-nodes.${domain}`;
  await kube.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'servers' },
      data: {
        'pg_hba.conf':
          'local all all trust\nhost all all all scram-sha-256\nhost replication all all scram-sha-256\n',
        '10-cluster.conf': [
          'cluster_formation.peer_discovery_backend = classic_config',
          ...brokers.map(
            (index) => `cluster_formation.classic_config.nodes.${index + 1} = rabbit@${brokerHost(index)}`,
          ),
          'cluster_partition_handling = pause_minority',
          // As many of a queue's leaders on each node.
          'queue_leader_locator = balanced',
          '',
        ].join('\n'),
      },
    },
    service('postgresql', { database: 'shop', role: 'primary' }, { postgresql: 5432 }),
    service('postgresql-a', { pod: 'postgresql-a' }, { postgresql: 5432 }),
    postgresql('postgresql-a', first, 'primary', ['postgres', ...primarySettings]),
    service('rabbitmq', { app: 'rabbitmq' }, { amqp: 5672, management: 15672 }),
    service(
      'rabbitmq-nodes',
      { app: 'rabbitmq' },
      { amqp: 5672 },
      { clusterIP: 'None', publishNotReadyAddresses: true },
    ),
    rabbitmq(),
    service('mail-catcher', { app: 'mail-catcher' }, { smtp: 1025, http: 8025 }),
    mailCatcher(),
  );
  await kube.kubectl(['wait', '--for=condition=Ready', 'pod/postgresql-a', '--timeout=120s']);
  await kube.apply(
    postgresql('postgresql-b', second, 'standby', [
      'sh',
      '-c',
      'until pg_basebackup -h postgresql-a -U postgres -D "$PGDATA" -R -X stream; do rm -rf "$PGDATA"; sleep 1; done; ' +
        `exec postgres ${primarySettings.map((word) => `'${word}'`).join(' ')}`,
    ]),
  );
  await kube.kubectl(['wait', '--for=condition=Ready', 'pod/postgresql-b', '--timeout=120s']);
  const sql: ReplicatedServers['sql'] = (pod, text) =>
    kube.kubectl(['exec', pod, '--', 'psql', '-h', '/tmp', '-U', 'postgres', '-Atc', text]);
  // From here on a commit is acknowledged once both have it.
  await within(60, async () => {
    if ((await sql('postgresql-a', 'select count(*) from pg_stat_replication')).trim() !== '1')
      throw new Error('the standby does not replicate yet');
  });
  await sql('postgresql-a', "alter system set synchronous_standby_names = '*'");
  await sql('postgresql-a', 'select pg_reload_conf()');
  await kube.rolledOut('statefulset/rabbitmq', 240);
  await kube.rolledOut('deployment/mail-catcher');

  const databases: Record<string, string> = {};
  const values: Record<string, object> = {};
  for (const name of services) {
    const database = (role: string) =>
      `postgres://${name}_${role}:${random()}@postgresql.${domain}:5432/bulkhead_${name}`;
    databases[name] = database('app');
    const login = `${name}:${random()}`;
    await shop.apply(
      secret(`pg-${name}`, { uri: databases[name], 'owner-uri': database('owner') }),
      secret(`mq-${name}`, {
        connection: brokers.map((index) => `amqp://${login}@${brokerHost(index)}:5672`).join(','),
      }),
    );
    values[name] = {
      database: {
        existingSecret: `pg-${name}`,
        ownerSecret: `pg-${name}`,
        keys: { app: 'uri', owner: 'owner-uri' },
      },
      broker: { existingSecret: `mq-${name}`, key: 'connection' },
    };
  }
  await shop.apply(
    secret('postgres-admin', { uri: `postgres://postgres:${password}@postgresql.${domain}:5432/postgres` }),
    secret('rabbitmq-admin', {
      'management-url': `http://${admin.user}:${admin.password}@rabbitmq.${domain}:15672`,
    }),
  );
  const anywhere = { to: [{ namespaceSelector: {} }] };
  values['notification'] = {
    ...values['notification'],
    config: { SMTP_URL: `smtp://mail-catcher.${domain}:1025` },
    networkPolicy: { smtp: { ...anywhere, ports: [1025] } },
  };
  values['payment'] = { ...values['payment'], ...provider.payment };
  values['gateway'] = provider.gateway;
  values['infra'] = { enabled: false };
  values['global'] = {
    networkPolicy: { database: anywhere, broker: anywhere },
    provision: {
      enabled: true,
      database: { existingSecret: 'postgres-admin' },
      broker: { existingSecret: 'rabbitmq-admin' },
    },
  };
  const at = (target: string) => ({ kube, target });
  return {
    values,
    state: {
      postgresql: at('svc/postgresql'),
      rabbitmq: at('svc/rabbitmq'),
      mails: at('svc/mail-catcher'),
      databases,
      broker: `amqp://${admin.user}:${admin.password}@rabbitmq:5672`,
    },
    sql,
    async lead(pod) {
      const other = pod === 'postgresql-a' ? 'postgresql-b' : 'postgresql-a';
      await kube.kubectl(['label', 'pod', other, 'role=standby', '--overwrite']).catch(() => undefined);
      await kube.kubectl(['label', 'pod', pod, 'role=primary', '--overwrite']);
    },
    async leaders() {
      const { port, stop } = await kube.forward('svc/rabbitmq', 15672);
      try {
        const response = await fetch(
          `http://127.0.0.1:${port}/api/queues?disable_stats=true&enable_queue_totals=true`,
          {
            headers: {
              authorization: `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}`,
            },
          },
        );
        const queues = (await response.json()) as { node: string; leader?: string; type: string }[];
        const pods = await kube.list<{ metadata: { name: string }; spec: { nodeName: string } }>(
          'pod',
          'app=rabbitmq',
        );
        const nodeOf = new Map(pods.map(({ metadata: { name }, spec: { nodeName } }) => [name, nodeName]));
        return queues
          .filter(({ type }) => type === 'quorum')
          .map(({ leader, node }) => nodeOf.get(/@([^.]+)/.exec(leader ?? node)![1]!)!);
      } finally {
        stop();
      }
    },
  };

  function postgresql(name: string, nodeSelector: object, role: string, words: readonly string[]) {
    // The standby is no first start: what would initialise a folder is not for it.
    const start = role === 'primary' ? { args: words } : { command: words };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { database: 'shop', role, pod: name } },
      spec: {
        nodeSelector,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 5,
        securityContext: restricted(999),
        containers: [
          {
            name: 'postgresql',
            image: images.postgresql,
            resources: ownCpu('200m'),
            ...start,
            imagePullPolicy: 'IfNotPresent',
            securityContext: unprivileged,
            env: [
              { name: 'PGDATA', value: '/data/pgdata' },
              { name: 'POSTGRES_PASSWORD', value: password },
              { name: 'PGPASSWORD', value: password },
            ],
            readinessProbe: {
              exec: { command: ['pg_isready', '-h', '/tmp'] },
              periodSeconds: 2,
              timeoutSeconds: 5,
            },
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'hba', mountPath: '/hba' },
            ],
          },
        ],
        volumes: [
          { name: 'data', emptyDir: {} },
          { name: 'hba', configMap: { name: 'servers' } },
        ],
      },
    };
  }

  function rabbitmq() {
    const labels = { app: 'rabbitmq' };
    return {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'rabbitmq' },
      spec: {
        serviceName: 'rabbitmq-nodes',
        replicas: brokers.length,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: restricted(999),
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'DoNotSchedule',
                labelSelector: { matchLabels: labels },
              },
            ],
            containers: [
              {
                name: 'rabbitmq',
                image: images.rabbitmq,
                resources: ownCpu('100m'),
                imagePullPolicy: 'IfNotPresent',
                securityContext: unprivileged,
                env: [
                  { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                  { name: 'RABBITMQ_USE_LONGNAME', value: 'true' },
                  { name: 'RABBITMQ_NODENAME', value: `rabbit@$(POD).rabbitmq-nodes.${domain}` },
                  { name: 'RABBITMQ_ERLANG_COOKIE', value: random() },
                  { name: 'RABBITMQ_DEFAULT_USER', value: admin.user },
                  { name: 'RABBITMQ_DEFAULT_PASS', value: admin.password },
                ],
                readinessProbe: { tcpSocket: { port: 5672 }, periodSeconds: 2 },
                volumeMounts: [
                  { name: 'data', mountPath: '/var/lib/rabbitmq' },
                  { name: 'log', mountPath: '/var/log/rabbitmq' },
                  {
                    name: 'config',
                    mountPath: '/etc/rabbitmq/conf.d/10-cluster.conf',
                    subPath: '10-cluster.conf',
                  },
                ],
              },
            ],
            volumes: [
              { name: 'data', emptyDir: {} },
              { name: 'log', emptyDir: {} },
              { name: 'config', configMap: { name: 'servers' } },
            ],
          },
        },
      },
    };
  }

  function mailCatcher() {
    const labels = { app: 'mail-catcher' };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'mail-catcher' },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            nodeSelector: first,
            automountServiceAccountToken: false,
            securityContext: restricted(10_001),
            containers: [
              {
                name: 'mail-catcher',
                image: images.jobs,
                args: ['mail-catcher'],
                imagePullPolicy: 'IfNotPresent',
                securityContext: unprivileged,
                readinessProbe: { tcpSocket: { port: 1025 }, periodSeconds: 2 },
              },
            ],
          },
        },
      },
    };
  }
}

const primarySettings = [
  ...['listen_addresses=*', 'hba_file=/hba/pg_hba.conf', 'max_connections=400', 'hot_standby=on'].flatMap(
    (setting) => ['-c', setting],
  ),
  ...['-k', '/tmp'],
];

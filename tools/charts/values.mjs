/** The values of every chart. */
import {
  anything,
  field,
  flag,
  map,
  objects,
  oneOf,
  openSection,
  optional,
  ports,
  section,
  share,
  subchart,
  text,
  whole,
  wholeOrNull,
  words,
  chartSchemaOf,
} from './field.mjs';

const peers = (about) => objects([], about);
const quantityPattern = { pattern: '^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$' };
const quantitySchema = { type: 'string', ...quantityPattern };
const quantity = (value, about) => text(value, about, quantityPattern);
const extraObjects = objects(
  [],
  'further objects of yours, in which templates work: {{ .Release.Namespace }}',
);

/** What all services of a shop share. In the umbrella it is said once. */
export const globalValues = (serviceNames) =>
  openSection('what all services of a shop share', {
    prefix: text(
      '',
      'begins all names; default: the release’s name and a dash in the umbrella, nothing for one service',
      { maxLength: 34 },
    ),
    mode: oneOf(
      ['development', 'production', 'test'],
      'development',
      'what NODE_ENV is; production refuses what is only convenient',
    ),
    logLevel: oneOf(['debug', 'info', 'warn', 'error'], 'info', 'least level that is logged'),
    publicUrl: text('http://localhost:8080', 'where people reach the shop; links in mails begin with it', {
      pattern: '^https?://',
    }),
    image: section('where images come from', {
      registry: text('docker.io', 'registry'),
      repository: text('bulkhead', 'what stands between the registry and the service’s name'),
      tag: text('', 'tag; default: the chart’s appVersion'),
      pullPolicy: oneOf(['IfNotPresent', 'Always', 'Never'], 'IfNotPresent', 'when to pull'),
      pullSecrets: words([], 'names of Secrets for the registry'),
    }),
    jobsImage: imageOf('chart-jobs', 'the image of the charts’ own Jobs and of the mail catcher'),
    database: section('the server that all services share, if they share one', {
      host: text('', 'its host name, where Secrets hold no URL'),
      port: whole(5432, 1, 65_535, 'its port, likewise'),
      tls: tlsOf(databaseTlsModes, 'TLS to it, where a service says nothing else'),
      maxConnections: whole(
        0,
        0,
        100_000,
        'its connections at most, against which pods × pool is checked; 0: not checked, or that of infra',
      ),
    }),
    broker: section('the broker', {
      host: text('', 'its host names, comma-separated, where Secrets hold no URL'),
      port: whole(0, 0, 65_535, 'its port, likewise; 0: 5671, or 5672 without TLS'),
      vhost: text('/', 'virtual host of the shop, likewise', { minLength: 1 }),
      tls: tlsOf(brokerTlsModes, 'TLS to it, where a service says nothing else'),
    }),
    allowPlaintext: flag(
      false,
      'in production, take tls.mode disable and amqp://: where something else encrypts the way, such as a mesh',
    ),
    provision,
    backup,
    identity: section('how services prove to each other who they are: projected service-account tokens', {
      issuer: text(
        '',
        'issuer of the cluster’s tokens; empty: read from the pods’ own tokens, as is right in every cluster',
      ),
      jwks: text(
        'https://kubernetes.default.svc/openid/v1/jwks',
        'where the issuer’s keys are: a URL that the pods can reach',
      ),
      keys: section('the issuer’s keys as a file, where the pods must not ask for them', {
        existingConfigMap: text('', 'a ConfigMap of yours with the JWKS; wins over jwks'),
        key: text('jwks.json', 'the key in it'),
      }),
      tokenSeconds: whole(
        3600,
        600,
        86400,
        'seconds that a token is good for; the kubelet renews it in time',
      ),
    }),
    labels: map({}, 'labels of every object and pod'),
    annotations: map({}, 'annotations of every object; pods have podAnnotations'),
    // No null: Helm would not hand it down to the charts of the services.
    runAsUser: field(
      10_001,
      'user, group and file group of pods; empty: those that the namespace gives, as on OpenShift',
      { type: ['integer', 'string'], minimum: 1, maxLength: 0 },
    ),
    podSpec: anything(
      {},
      'merged over the spec of every pod, such as hostAliases, dnsConfig or schedulerName; lists take the place of ours',
    ),
    jobs: section('Jobs, and what is for development only', {
      podLabels: map({}, 'further labels of the pods of Jobs'),
      podAnnotations: map({}, 'further annotations of the pods of Jobs'),
      resources: anything(
        {
          requests: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
          limits: { memory: '256Mi' },
        },
        'what their pods ask for and may use',
      ),
    }),
    mesh: oneOf(
      ['none', 'sidecar', 'ambient'],
      'none',
      'the service mesh of the namespace: Jobs get no sidecar, and policies let its control plane or its proxies (HBONE) through',
    ),
    ipFamilyPolicy: oneOf(
      ['', 'SingleStack', 'PreferDualStack', 'RequireDualStack'],
      '',
      'IP families of all Services; empty: what the cluster makes of them',
    ),
    ipFamilies: field([], 'which families, the first one first', {
      type: 'array',
      maxItems: 2,
      items: { type: 'string', enum: ['IPv4', 'IPv6'] },
    }),
    peers: section(
      'base URLs of services that are not in this namespace',
      Object.fromEntries(
        serviceNames.map((name) => [
          name,
          optional(`where ${name} listens`, { type: 'string', pattern: '^https?://' }),
        ]),
      ),
    ),
    telemetry: section('where traces go', {
      otlpEndpoint: text('', 'base URL of an OTLP/HTTP receiver; empty: no traces leave'),
      tracesMode: oneOf(
        ['head', 'tail'],
        'head',
        'who chooses what is kept: the service, or a collector behind it',
      ),
      tracesRatio: share(0.05, 'share of traces that are kept whatever becomes of them'),
    }),
    monitoring: section('Prometheus Operator', {
      enabled: flag(false, 'make ServiceMonitors; their kinds must be installed'),
      open: flag(false, 'let a Prometheus without the operator reach the admin port'),
      labels: map({}, 'labels by which your Prometheus finds monitors'),
      interval: text('15s', 'time between two scrapes', { pattern: '^[0-9]+(ms|s|m)$' }),
    }),
    networkPolicy: section('who may talk to whom; peers are those of a NetworkPolicy', {
      enabled: flag(true, 'deny everything but the calls that are needed'),
      dns: section('name resolution', {
        to: objects(
          [{ namespaceSelector: {} }, { ipBlock: { cidr: '169.254.20.10/32' } }],
          'where it is: pods, and where NodeLocal DNSCache listens',
        ),
        ports: ports([53, 5353], 'its ports, also behind the Service'),
      }),
      apiServer: section('the API server, for the issuer’s keys', {
        to: peers(
          'where it is (kubectl get endpointslices -n default kubernetes); empty: anywhere on its ports; production asks for it',
        ),
        ports: ports([443, 6443], 'its ports, also behind the Service'),
      }),
      database: section('PostgreSQL', {
        to: peers(
          'where it is; empty: that of infra, or anywhere where the Secret is yours; production asks for it',
        ),
        ports: ports([5432], 'its ports'),
      }),
      broker: section('RabbitMQ', {
        to: peers(
          'where it is; empty: that of infra, or anywhere where the Secret is yours; production asks for it',
        ),
        ports: ports([5672, 5671], 'its ports'),
        managementPorts: ports([15672, 15671], 'ports of its management API, for the provisioning'),
      }),
      otlp: section('the receiver of traces', {
        to: objects([{ namespaceSelector: {} }], 'where it is'),
        ports: ports([4318], 'its ports'),
      }),
      monitoring: section('Prometheus', {
        from: objects([{ namespaceSelector: {} }], 'who may scrape the admin port'),
      }),
    }),
  });

/** Another image than `global.image` says. */
const imageOf = (app, about) =>
  section(about, {
    registry: text('', 'registry; default: global.image.registry'),
    repository: text('', `name with registry, without tag; default: global.image’s, and ${app}`),
    tag: text('', 'tag; default: global.image.tag'),
    digest: text('', 'sha256:…; wins over every tag', { pattern: '^(sha256:[0-9a-f]{64})?$' }),
    releaseDigest: text(
      '',
      'set in released charts: what is pulled where no tag, digest or repository is named',
      {
        pattern: '^(sha256:[0-9a-f]{64})?$',
      },
    ),
  });

const databaseTlsModes = ['', 'disable', 'no-verify', 'verify-full'];
const brokerTlsModes = ['', 'disable', 'verify-full'];
/** @param modes '' is the default */
const tlsOf = (modes, about) =>
  section(about, {
    mode: oneOf(
      modes,
      '',
      'verify-full checks the server’s certificate and name; empty: verify-full in production, elsewhere what the URL says',
    ),
    ca: secretRef('authorities to trust in place of the public ones, in PEM', 'ca.crt'),
  });

const clientCertificate = (about) =>
  section(about, {
    existingSecret: text('', 'a Secret of yours, such as cert-manager makes'),
    cert: text('tls.crt', 'the key with the certificate, in PEM'),
    key: text('tls.key', 'the key with its key, in PEM'),
  });

/** Keys of a Secret that holds a login in parts. */
const loginKeys = (more = {}) => ({
  host: text('', 'host; empty: as values say'),
  port: text('', 'port; empty: as values say'),
  user: text('', 'user; empty: as values say'),
  password: text('', 'password; where it is set, the Secret holds no URL but parts'),
  ...more,
});

/** The Job that makes what a release needs on servers that are not its own. */
const provision = section(
  'the Job that makes databases, roles, broker users and queues on servers of yours',
  {
    enabled: flag(false, 'run it before every install and upgrade; not with infra, which has its own'),
    access: oneOf(
      ['transitional', 'narrow'],
      'transitional',
      'what a service’s broker user may do; narrow takes it the default exchange, once no pod of the release before runs',
    ),
    database: section('an administrator of PostgreSQL: a superuser, or a role with CREATEDB and CREATEROLE', {
      existingSecret: text('', 'a Secret of yours'),
      keys: section('keys in it', { url: text('uri', 'URL, unless it holds parts'), ...loginKeys() }),
    }),
    broker: section('an administrator of RabbitMQ, for its management API', {
      existingSecret: text('', 'a Secret of yours'),
      host: text('', 'host of the management API; empty: the first of global.broker.host'),
      port: whole(0, 0, 65_535, 'its port; 0: 15671, or 15672 without TLS'),
      keys: section('keys in it', {
        url: text('management-url', 'URL of the management API, unless it holds parts'),
        host: text('', 'host; empty: as values say'),
        user: text('', 'user'),
        password: text('', 'password; where it is set, the Secret holds no URL but parts'),
      }),
    }),
  },
);

/** A CronJob that dumps the databases; docs/backup.md. */
const backup = section('a CronJob that dumps every database, each as its owner', {
  enabled: flag(false, 'run it'),
  schedule: text('17 3 * * *', 'when, as cron has it'),
  timeZone: text('', 'of which time zone, such as Etc/UTC; empty: that of the cluster'),
  image: text(
    'docker.io/library/postgres:18.1-bookworm',
    'an image with pg_dump, of the server’s version or a newer one',
  ),
  keepDays: whole(35, 0, 36_500, 'days that a backup is kept in the volume; 0: for ever'),
  existingClaim: text(
    '',
    'a PersistentVolumeClaim of yours for the dumps; empty: they only go where upload takes them',
  ),
  upload: section(
    'a container that takes /backup elsewhere once all dumps are whole, such as to object storage',
    {
      image: text('', 'an image of yours'),
      command: words([], 'what it runs'),
      env: objects([], 'its environment variables'),
      envFrom: objects([], 'further sources of these, such as a Secret with keys'),
    },
  ),
  extraEgress: objects([], 'egress rules for that'),
  serviceAccountName: text('', 'a service account of yours, such as a cloud’s workload identity wants'),
  deadlineSeconds: whole(14_400, 60, 604_800, 'seconds that a backup may take'),
  resources: anything(
    {
      requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '128Mi' },
      limits: { memory: '512Mi' },
    },
    'what dump and upload ask for and may use',
  ),
});

const secretRef = (about, key) =>
  section(about, {
    existingSecret: text('', 'a Secret of yours'),
    key: text(key, 'the key in it'),
  });

const placement = {
  priorityClassName: text('', 'priority class of the pods'),
  nodeSelector: map({}, 'labels of nodes they may run on'),
  tolerations: objects([], 'taints they tolerate'),
  affinity: anything({}, 'affinity'),
};

/** Of a release: of the umbrella, or of a service that is installed alone. */
const shownAndWatched = (about) =>
  section(about, {
    dashboards: section('ConfigMaps that the sidecar of Grafana’s chart finds', {
      enabled: flag(false, 'make them'),
      labels: map({ grafana_dashboard: '1' }, 'labels by which the sidecar finds them'),
      annotations: map({ grafana_folder: 'Bulkhead' }, 'annotations, such as the folder in Grafana'),
    }),
    rules: section('PrometheusRules with objectives and alerts', {
      enabled: flag(false, 'make them; their kind must be installed'),
    }),
    runbooks: text(
      'https://runbooks.shop.example',
      'where you publish docs/runbooks: alerts and panels link there',
      {
        pattern: '^https?://',
      },
    ),
  });

/** @param facts of one service, see facts.mjs */
export const serviceValues = (facts, serviceNames) => ({
  global: globalValues(serviceNames),
  enabled: flag(true, 'whether the umbrella installs it'),
  monitoring: shownAndWatched(
    'what Grafana and Prometheus show and watch of this service, in a release of its own; the umbrella has its own',
  ),
  replicas: wholeOrNull(0, 100, 'how many pods; null: 1, or what autoscaling says'),
  image: imageOf(facts.name, 'another image than global.image says, for this service alone'),
  config: section(
    'environment variables of the service; what is unset has the service’s own default',
    Object.fromEntries(
      facts.variables.map(({ variable, about, json }) => [
        variable,
        optional(about || 'see the service’s config.ts', variableSchema(json)),
      ]),
    ),
  ),
  ...(!facts.site && { faults: flag(false, 'fault injection on the admin port, for experiments') }),
  ...(Object.keys(facts.secrets).length > 0 && {
    secrets: section(
      'secret variables; what may be generated is, unless a Secret of yours is named',
      Object.fromEntries(
        Object.entries(facts.secrets).map(([variable, { key, generated }]) => [
          variable,
          secretRef(
            generated ? `${variable}, generated where no Secret is named` : `${variable}, if it is used`,
            key,
          ),
        ]),
      ),
    ),
  }),
  ...(facts.database && {
    database: section('its PostgreSQL database; default: the Secret that infra or the provisioning makes', {
      poolSize: whole(10, 1, 200, 'connections of one pod; pods × pool must stay under the server’s limit'),
      existingSecret: text('', 'a Secret of yours with URLs or logins, such as an operator makes'),
      ownerSecret: text('', 'the Secret with the owner’s, if it is another one'),
      keys: section('keys in it', {
        app: text('app-url', 'URL of the role that reads and writes rows'),
        owner: text('owner-url', 'URL of the role that changes the schema'),
        ...loginKeys({ name: text('', 'name of the database; empty: as values say') }),
      }),
      host: text('', 'host, where no Secret holds it; empty: global.database.host'),
      port: whole(0, 0, 65_535, 'port, likewise; 0: global.database.port'),
      name: text(`bulkhead_${facts.name}`, 'name of the database, likewise'),
      tls: section('TLS to it, unless the URL says so with sslmode', {
        ...tlsOf(databaseTlsModes, '').fields,
        client: clientCertificate('a certificate that the service shows'),
        ownerClient: clientCertificate('the one that the migration shows'),
      }),
    }),
    broker: section('its RabbitMQ user; default: the Secret that infra or the provisioning makes', {
      existingSecret: text('', 'a Secret of yours with the URL or the login'),
      key: text('broker-url', 'the key with the URL: one, or several, comma-separated'),
      keys: section('keys of a Secret that holds parts', {
        ...loginKeys({ vhost: text('', 'virtual host; empty: global.broker.vhost') }),
      }),
      tls: section('TLS to it, unless the URL says so with amqps', {
        mode: tlsOf(brokerTlsModes, '').fields.mode,
        client: clientCertificate(
          'a certificate that the service shows; without a user in the URL it signs in with it',
        ),
      }),
      ca: secretRef(
        'authorities to trust for amqps in place of the public ones, in PEM; default: global.broker.tls.ca',
        'ca.crt',
      ),
    }),
    migrations: section('the Job that migrates the database', {
      enabled: flag(true, 'migrate with every install and upgrade'),
      backoffLimit: whole(3, 0, 20, 'attempts after the first'),
      deadlineSeconds: whole(600, 10, 86400, 'seconds it may take'),
      ttlSeconds: whole(86400, 60, 2592000, 'seconds it is kept afterwards'),
    }),
  }),
  ...(!facts.site && {
    preflight: section('looks at all that the service needs, before a release and as a test of Helm’s', {
      enabled: optional('the Job before each install and upgrade; default: in production', {
        type: ['boolean', 'null'],
      }),
      deadlineSeconds: whole(120, 10, 3600, 'seconds it may take, with two more attempts'),
      test: flag(true, 'the same in `helm test`, where it also asks the service’s peers'),
    }),
  }),
  ...(facts.name === 'payment' && {
    simulatedProvider: section('a payment provider to try the shop with', {
      enabled: flag(true, 'run it'),
      image: imageOf('payment', 'another image than the service’s'),
      storage: storage('64Mi', 'where it keeps its book of charges'),
    }),
  }),
  ...(facts.name === 'gateway' && { exposure }),
  resources: section('what a pod asks for and may use', {
    requests: section('asked for', {
      cpu: quantity(facts.name === 'gateway' ? '100m' : facts.site ? '10m' : '50m', 'CPU'),
      memory: quantity(facts.site ? '64Mi' : '128Mi', 'memory'),
      'ephemeral-storage': quantity('128Mi', 'files in /tmp, and logs'),
    }),
    limits: section('at most; CPU has no limit, because throttling is worse than sharing', {
      memory: quantity(facts.site ? '192Mi' : '384Mi', 'memory'),
      cpu: optional('CPU, where a quota asks for a limit', { ...quantitySchema }),
      'ephemeral-storage': optional('files in /tmp, and logs', { ...quantitySchema }),
    }),
  }),
  autoscaling: section('how many pods, by load', {
    type: oneOf(
      ['none', 'cpu', 'queue'],
      'none',
      'by CPU (HorizontalPodAutoscaler), or by waiting messages (KEDA)',
    ),
    min: whole(2, 1, 100, 'fewest pods'),
    max: whole(6, 1, 100, 'most pods'),
    cpuPercent: whole(70, 10, 100, 'CPU in use, of what was asked for, that is aimed at'),
    queue: section('for type queue', {
      messages: whole(500, 1, 1000000, 'waiting messages for one pod'),
      existingSecret: text(
        '',
        'Secret with the address of the broker’s management API, with user and password',
      ),
      key: text('management-url', 'the key in it'),
      age: section('also by how long messages wait', {
        seconds: whole(
          0,
          0,
          3600,
          'age of the oldest tenth that is too much for the pods there are; 0: not asked',
        ),
        prometheus: text('', 'base URL of the Prometheus that knows'),
      }),
    }),
  }),
  disruptionBudget: section('what node drains must leave', {
    enabled: flag(false, 'make a PodDisruptionBudget; wants two pods'),
    maxUnavailable: whole(1, 1, 100, 'pods that may be away at once'),
  }),
  spread: section('pods over zones and nodes', {
    enabled: flag(true, 'spread them'),
    whenUnsatisfiable: oneOf(['ScheduleAnyway', 'DoNotSchedule'], 'ScheduleAnyway', 'what if they cannot be'),
  }),
  ...placement,
  serviceAccount: section('the identity of its pods', {
    annotations: map({}, 'annotations, such as a cloud’s workload identity wants'),
  }),
  annotations: map({}, 'annotations of its Deployment'),
  serviceAnnotations: map({}, 'annotations of its Service, such as a cloud’s load balancer reads'),
  extraEnv: objects(
    [],
    'further environment variables of its pods, its migration and its preflight, as a container has them',
  ),
  extraEnvFrom: objects([], 'further sources of environment variables, likewise'),
  extraVolumes: objects([], 'further volumes, likewise'),
  extraVolumeMounts: objects([], 'where they are mounted'),
  extraContainers: objects([], 'further containers of its pods'),
  initContainers: objects([], 'containers that run before it; with restartPolicy Always beside it'),
  podSpec: anything({}, 'merged over global.podSpec and the spec of its pods and of its migration’s'),
  extraObjects,
  podLabels: map({}, 'further labels of pods'),
  podAnnotations: map({}, 'further annotations of pods'),
  shutdown: section('how a pod ends', {
    sleepSeconds: whole(5, 0, 60, 'seconds it goes on serving, until nobody sends it requests any more'),
    graceSeconds: whole(15, 1, 120, 'seconds for open work after that'),
  }),
  networkPolicy: section('further rules for this service', {
    ...(facts.site && {
      from: objects(
        [{ namespaceSelector: {} }],
        'who may reach its pods: the namespace of your controller, as in the gateway’s exposure.from',
      ),
    }),
    ...(facts.name === 'notification' && {
      smtp: section('the mail server', {
        to: peers(
          'where it is; empty: the mail catcher of infra, or anywhere where SMTP_URL is yours; production asks for it',
        ),
        ports: ports([], 'its ports; empty: that of SMTP_URL, or 25, 465 and 587 where a Secret holds it'),
      }),
    }),
    ...(facts.name === 'payment' && {
      provider: section('the payment provider, unless it is simulated', {
        to: objects([{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }], 'where it is'),
        ports: ports([443], 'its ports'),
      }),
    }),
    extraIngress: objects([], 'further ingress rules'),
    extraEgress: objects([], 'further egress rules'),
  }),
  development: section('for skaffold dev only', {
    watch: flag(
      false,
      'start anew when the bundle changes, which then lies on a volume that may be written to',
    ),
  }),
});

const exposure = section('how people get in', {
  type: oneOf(
    ['none', 'gateway', 'ingress'],
    'none',
    'by nothing but port-forward, by Gateway API, or by Ingress',
  ),
  host: text('', 'host name; empty: all'),
  storefront: flag(
    true,
    'lead what is no address of the API to the storefront; otherwise all goes to the gateway',
  ),
  annotations: map({}, 'annotations of the Gateway or Ingress'),
  tlsSecret: text('', 'Secret with the certificate; empty: plain HTTP'),
  from: objects(
    [{ namespaceSelector: {} }],
    'who may reach the gateway’s pods: the namespace of your controller',
  ),
  gateway: section('for type gateway', {
    create: flag(true, 'make a Gateway; otherwise attach to parentRefs'),
    className: text('', 'class of that Gateway'),
    parentRefs: objects([], 'Gateways of yours'),
    requestTimeout: text(
      '0s',
      'when your controller gives a request up that is no event stream; 0s: never, which the shop itself does',
      {
        pattern: '^[0-9]+(ms|s|m|h)$',
      },
    ),
  }),
  ingress: section('for type ingress', { className: text('', 'class; empty: the cluster’s default') }),
});

/** Of a variable's JSON schema, what Helm's regular expressions and YAML can check; the service checks the rest. */
function variableSchema({ enum: choices, pattern }) {
  // `on` and `off` are booleans to Helm's YAML.
  if (choices?.includes('on')) return { enum: ['on', 'off', true, false, null] };
  if (choices) return { enum: [...choices, null] };
  if (pattern === String.raw`^\d{1,15}$`)
    return { type: ['integer', 'string', 'null'], pattern: '^[0-9]{1,15}$' };
  if (pattern?.startsWith(String.raw`^\d{1,12}`))
    return { type: ['number', 'string', 'null'], pattern: '^[0-9]{1,12}(\\.[0-9]{1,9})?$' };
  return { type: ['string', 'null'] };
}

/**
 * So many that the pools of all services, of which each has two while it is rolled out, take less than the 80 % at which an
 * install is refused. All but the gateway have a database.
 */
const connectionsFor = (serviceNames) => 25 * (serviceNames.length - 1);

export const infraValues = (serviceNames) => ({
  global: globalValues(serviceNames),
  enabled: flag(true, 'whether the umbrella installs it; for development and tests only'),
  postgresql: section('PostgreSQL', {
    image: text('docker.io/library/postgres:18.1-bookworm', 'image, with Docker’s official entry point'),
    maxConnections: whole(connectionsFor(serviceNames), 20, 5000, 'connections at most'),
    storage: storage('1Gi'),
    resources: anything(
      { requests: { cpu: '100m', memory: '192Mi' }, limits: { memory: '1Gi' } },
      'resources',
    ),
  }),
  rabbitmq: section('RabbitMQ', {
    image: text(
      'docker.io/library/rabbitmq:4.2-management',
      'image, with Docker’s official entry point and the management plugin',
    ),
    access: oneOf(
      ['transitional', 'narrow'],
      'transitional',
      'what a service’s own user may do; narrow takes it the default exchange, once no pod of the release before runs',
    ),
    storage: storage('1Gi'),
    resources: anything(
      { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
      'resources',
    ),
  }),
  extraObjects,
  mailCatcher: section('an SMTP server that delivers nothing and shows what it got', {
    enabled: flag(true, 'run it'),
  }),
  ...placement,
});

const storage = (size, about = 'where it keeps its data') =>
  section(about, {
    persistent: flag(true, 'on a volume that outlives the pod and the release'),
    size: text(size, 'size of the volume'),
    className: text('', 'storage class; empty: the cluster’s default'),
  });

/** @param facts of all services */
export const umbrellaValues = (facts) => {
  const names = Object.keys(facts);
  const services = names.filter((name) => !facts[name].site);
  const closed = (values) => chartSchemaOf(values);
  return {
    global: globalValues(services),
    infra: subchart(
      'PostgreSQL, RabbitMQ and a mail catcher for development; see charts/infra/values.yaml',
      closed(infraValues(services)),
      { enabled: true },
    ),
    ...Object.fromEntries(
      names.map((name) => [
        name,
        subchart(
          `values of ${name}; see charts/${name}/values.yaml`,
          closed(serviceValues(facts[name], services)),
          { enabled: true },
        ),
      ]),
    ),
    monitoring: shownAndWatched('what Grafana and Prometheus show and watch'),
    extraObjects,
    tests: section('what `helm test` does', {
      enabled: flag(true, 'a shopper that registers, buys and is told'),
    }),
  };
};

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
  'additional objects; may contain templates such as {{ .Release.Namespace }}',
);

/** What all services of a shop share. In the umbrella it is said once. */
export const globalValues = (serviceNames) =>
  openSection('settings shared by all services', {
    prefix: text(
      '',
      'prefix of all names; default: the release’s name and a dash in the umbrella, none for a single service',
      { maxLength: 34 },
    ),
    mode: oneOf(
      ['development', 'production', 'test'],
      'development',
      'value of NODE_ENV; production rejects insecure development settings',
    ),
    logLevel: oneOf(['debug', 'info', 'warn', 'error'], 'info', 'minimum log level'),
    publicUrl: text('http://localhost:8080', 'public URL of the shop, used for links in mails', {
      pattern: '^https?://',
    }),
    image: section('image source', {
      registry: text('docker.io', 'registry'),
      repository: text('bulkhead', 'path between the registry and the service’s name'),
      tag: text('', 'tag; default: the chart’s appVersion'),
      pullPolicy: oneOf(['IfNotPresent', 'Always', 'Never'], 'IfNotPresent', 'pull policy'),
      pullSecrets: words([], 'names of Secrets for the registry'),
    }),
    jobsImage: imageOf('chart-jobs', 'the image of the charts’ own Jobs and of the mail catcher'),
    database: section('database server shared by all services, if any', {
      host: text('', 'host name, unless Secrets contain URLs'),
      port: whole(5432, 1, 65_535, 'port, unless Secrets contain URLs'),
      tls: tlsOf(databaseTlsModes, 'TLS settings, unless a service overrides them'),
      maxConnections: whole(
        0,
        0,
        100_000,
        'maximum number of connections, checked against pods × pool; 0: not checked, or that of infra',
      ),
    }),
    broker: section('the broker', {
      host: text('', 'host names, comma-separated, unless Secrets contain URLs'),
      port: whole(0, 0, 65_535, 'port, unless Secrets contain URLs; 0: 5671, or 5672 without TLS'),
      vhost: text('/', 'virtual host of the shop, unless Secrets contain URLs', { minLength: 1 }),
      tls: tlsOf(brokerTlsModes, 'TLS settings, unless a service overrides them'),
    }),
    allowPlaintext: flag(
      false,
      'allow tls.mode disable and amqp:// in production, if something else encrypts the connection, such as a mesh',
    ),
    provision,
    backup,
    identity: section('identity of services towards each other: projected service account tokens', {
      issuer: text(
        '',
        'issuer of the cluster’s tokens; empty: read from the pods’ own tokens, which works in every cluster',
      ),
      jwks: text(
        'https://kubernetes.default.svc/openid/v1/jwks',
        'URL of the issuer’s keys, reachable from the pods',
      ),
      keys: section('the issuer’s keys as a file, if the pods must not fetch them', {
        existingConfigMap: text('', 'an existing ConfigMap with the JWKS; takes precedence over jwks'),
        key: text('jwks.json', 'the key in it'),
      }),
      tokenSeconds: whole(3600, 600, 86400, 'lifetime of a token in seconds; the kubelet renews it in time'),
    }),
    labels: map({}, 'labels of every object and pod'),
    annotations: map({}, 'annotations of every object; pods have podAnnotations'),
    // No null: Helm would not hand it down to the charts of the services.
    runAsUser: field(
      10_001,
      'user, group and fsGroup of pods; empty: assigned by the namespace, as on OpenShift',
      { type: ['integer', 'string'], minimum: 1, maxLength: 0 },
    ),
    podSpec: anything(
      {},
      'merged over the spec of every pod, such as hostAliases, dnsConfig or schedulerName; lists replace the chart’s own',
    ),
    jobs: section('Jobs, and development-only objects', {
      podLabels: map({}, 'additional labels of the pods of Jobs'),
      podAnnotations: map({}, 'additional annotations of the pods of Jobs'),
      resources: anything(
        {
          requests: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
          limits: { memory: '256Mi' },
        },
        'resource requests and limits of their pods',
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
      'IP family policy of all Services; empty: the cluster’s default',
    ),
    ipFamilies: field([], 'IP families, in order of preference', {
      type: 'array',
      maxItems: 2,
      items: { type: 'string', enum: ['IPv4', 'IPv6'] },
    }),
    peers: section(
      'base URLs of services that are not in this namespace',
      Object.fromEntries(
        serviceNames.map((name) => [
          name,
          optional(`base URL of ${name}`, { type: 'string', pattern: '^https?://' }),
        ]),
      ),
    ),
    telemetry: section('traces', {
      otlpEndpoint: text('', 'base URL of an OTLP/HTTP receiver; empty: traces are not exported'),
      tracesMode: oneOf(
        ['head', 'tail'],
        'head',
        'where sampling is decided: head (in the service) or tail (in a collector)',
      ),
      tracesRatio: share(0.05, 'ratio of traces that are always kept'),
    }),
    monitoring: section('Prometheus Operator', {
      enabled: flag(false, 'create ServiceMonitors; requires their CRD'),
      open: flag(false, 'allow a Prometheus without the operator to reach the admin port'),
      labels: map({}, 'labels that your Prometheus selects monitors by'),
      interval: text('15s', 'scrape interval', { pattern: '^[0-9]+(ms|s|m)$' }),
    }),
    networkPolicy: section('network policies; peers have the format of NetworkPolicy', {
      enabled: flag(true, 'deny all traffic except required connections'),
      dns: section('name resolution', {
        to: objects(
          [{ namespaceSelector: {} }, { ipBlock: { cidr: '169.254.20.10/32' } }],
          'destinations: pods, and the address of NodeLocal DNSCache',
        ),
        ports: ports([53, 5353], 'ports, of the Service and of its pods'),
      }),
      apiServer: section('the API server, for the issuer’s keys', {
        to: peers(
          'destinations (kubectl get endpointslices -n default kubernetes); empty: any, on these ports; required in production',
        ),
        ports: ports([443, 6443], 'ports, of the Service and of its pods'),
      }),
      database: section('PostgreSQL', {
        to: peers('destinations; empty: infra, or any with your own Secret; required in production'),
        ports: ports([5432], 'ports'),
      }),
      broker: section('RabbitMQ', {
        to: peers('destinations; empty: infra, or any with your own Secret; required in production'),
        ports: ports([5672, 5671], 'ports'),
        managementPorts: ports([15672, 15671], 'ports of the management API, for provisioning'),
      }),
      otlp: section('the receiver of traces', {
        to: objects([{ namespaceSelector: {} }], 'destinations'),
        ports: ports([4318], 'ports'),
      }),
      monitoring: section('Prometheus', {
        from: objects([{ namespaceSelector: {} }], 'sources that may scrape the admin port'),
      }),
    }),
  });

/** Another image than `global.image` says. */
const imageOf = (app, about) =>
  section(about, {
    registry: text('', 'registry; default: global.image.registry'),
    repository: text('', `name with registry, without tag; default: global.image’s, and ${app}`),
    tag: text('', 'tag; default: global.image.tag'),
    digest: text('', 'digest (sha256:…); takes precedence over tags', {
      pattern: '^(sha256:[0-9a-f]{64})?$',
    }),
    releaseDigest: text(
      '',
      'set in released charts: the digest used if no tag, digest or repository is set',
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
      'verify-full checks the server’s certificate and name; empty: verify-full in production, otherwise as in the URL',
    ),
    ca: secretRef('certificate authorities that replace the public ones, in PEM', 'ca.crt'),
  });

const clientCertificate = (about) =>
  section(about, {
    existingSecret: text('', 'an existing Secret, for example from cert-manager'),
    cert: text('tls.crt', 'the key with the certificate, in PEM'),
    key: text('tls.key', 'the key with the private key, in PEM'),
  });

/** Keys of a Secret that holds a login in parts. */
const loginKeys = (more = {}) => ({
  host: text('', 'key with the host; empty: from values'),
  port: text('', 'key with the port; empty: from values'),
  user: text('', 'key with the user; empty: from values'),
  password: text('', 'key with the password; if set, the Secret contains parts instead of a URL'),
  ...more,
});

/** The Job that makes what a release needs on servers that are not its own. */
const provision = section(
  'the Job that creates databases, roles, broker users and queues on external servers',
  {
    enabled: flag(false, 'run it before every install and upgrade; not with infra, which does this itself'),
    access: oneOf(
      ['transitional', 'narrow'],
      'transitional',
      'permissions of a service’s broker user; narrow revokes the default exchange, once no pod of the previous release runs',
    ),
    database: section('an administrator of PostgreSQL: a superuser, or a role with CREATEDB and CREATEROLE', {
      existingSecret: text('', 'an existing Secret'),
      keys: section('keys in it', {
        url: text('uri', 'key with the URL, unless the Secret contains parts'),
        ...loginKeys(),
      }),
    }),
    broker: section('an administrator of RabbitMQ, for its management API', {
      existingSecret: text('', 'an existing Secret'),
      host: text('', 'host of the management API; empty: the first of global.broker.host'),
      port: whole(0, 0, 65_535, 'its port; 0: 15671, or 15672 without TLS'),
      keys: section('keys in it', {
        url: text(
          'management-url',
          'key with the URL of the management API, unless the Secret contains parts',
        ),
        host: text('', 'key with the host; empty: from values'),
        user: text('', 'user'),
        password: text('', 'key with the password; if set, the Secret contains parts instead of a URL'),
      }),
    }),
  },
);

/** A CronJob that dumps the databases; docs/backup.md. */
const backup = section('a CronJob that dumps every database, each as its owner', {
  enabled: flag(false, 'enable it'),
  schedule: text('17 3 * * *', 'cron schedule'),
  timeZone: text('', 'time zone of the schedule, such as Etc/UTC; empty: that of the cluster'),
  image: text(
    'docker.io/library/postgres:18.1-bookworm',
    'an image with pg_dump, of the server’s version or a newer one',
  ),
  keepDays: whole(35, 0, 36_500, 'days that a backup is kept on the volume; 0: forever'),
  existingClaim: text('', 'an existing PersistentVolumeClaim for the dumps; empty: they are only uploaded'),
  upload: section(
    'a container that uploads /backup once all dumps are complete, for example to object storage',
    {
      image: text('', 'its image'),
      command: words([], 'its command'),
      env: objects([], 'its environment variables'),
      envFrom: objects([], 'additional sources of environment variables, such as a Secret with keys'),
    },
  ),
  extraEgress: objects([], 'egress rules for the upload'),
  serviceAccountName: text('', 'an existing service account, for example for a cloud’s workload identity'),
  deadlineSeconds: whole(14_400, 60, 604_800, 'maximum duration of a backup in seconds'),
  resources: anything(
    {
      requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '128Mi' },
      limits: { memory: '512Mi' },
    },
    'resource requests and limits of dump and upload',
  ),
});

const secretRef = (about, key) =>
  section(about, {
    existingSecret: text('', 'an existing Secret'),
    key: text(key, 'the key in it'),
  });

const placement = {
  priorityClassName: text('', 'priority class of the pods'),
  nodeSelector: map({}, 'node selector'),
  tolerations: objects([], 'taints they tolerate'),
  affinity: anything({}, 'affinity'),
};

/** Of a release: of the umbrella, or of a service that is installed alone. */
const shownAndWatched = (about) =>
  section(about, {
    dashboards: section('ConfigMaps for the sidecar of Grafana’s chart', {
      enabled: flag(false, 'create them'),
      labels: map({ grafana_dashboard: '1' }, 'labels that the sidecar selects them by'),
      annotations: map({ grafana_folder: 'Bulkhead' }, 'annotations, such as the folder in Grafana'),
    }),
    rules: section('PrometheusRules with SLOs and alerts', {
      enabled: flag(false, 'create them; requires their CRD'),
    }),
    runbooks: text(
      'https://runbooks.shop.example',
      'base URL of the published docs/runbooks, which alerts and panels link to',
      {
        pattern: '^https?://',
      },
    ),
  });

/** @param facts of one service, see facts.mjs */
export const serviceValues = (facts, serviceNames) => ({
  global: globalValues(serviceNames),
  enabled: flag(true, 'whether the umbrella chart installs it'),
  monitoring: shownAndWatched(
    'dashboards and alerts of this service, if it has its own release; the umbrella chart has its own',
  ),
  replicas: wholeOrNull(0, 100, 'number of pods; null: 1, or set by the autoscaler'),
  image: imageOf(facts.name, 'image of this service, if different from global.image'),
  config: section(
    'environment variables of the service; unset variables have the service’s defaults',
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
      'secret variables; generated where possible, unless an existing Secret is set',
      Object.fromEntries(
        Object.entries(facts.secrets).map(([variable, { key, generated }]) => [
          variable,
          secretRef(
            generated ? `${variable}, generated unless a Secret is set` : `${variable}, if it is used`,
            key,
          ),
        ]),
      ),
    ),
  }),
  ...(facts.database && {
    database: section('its PostgreSQL database; default: the Secret created by infra or provisioning', {
      poolSize: whole(10, 1, 200, 'connections per pod; pods × pool must stay below the server’s limit'),
      existingSecret: text('', 'an existing Secret with URLs or logins, for example from an operator'),
      ownerSecret: text('', 'the Secret with the owner’s login, if it is a different one'),
      keys: section('keys in it', {
        app: text('app-url', 'key with the URL of the role that reads and writes rows'),
        owner: text('owner-url', 'key with the URL of the role that changes the schema'),
        ...loginKeys({ name: text('', 'key with the name of the database; empty: from values') }),
      }),
      host: text('', 'host, unless a Secret contains it; empty: global.database.host'),
      port: whole(0, 0, 65_535, 'port, unless a Secret contains it; 0: global.database.port'),
      name: text(`bulkhead_${facts.name}`, 'name of the database, unless a Secret contains it'),
      tls: section('TLS settings, unless the URL has sslmode', {
        ...tlsOf(databaseTlsModes, '').fields,
        client: clientCertificate('client certificate of the service'),
        ownerClient: clientCertificate('client certificate of the migration'),
      }),
    }),
    broker: section('its RabbitMQ user; default: the Secret created by infra or provisioning', {
      existingSecret: text('', 'an existing Secret with the URL or the login'),
      key: text('broker-url', 'the key with the URL, or with several comma-separated URLs'),
      keys: section('keys of a Secret that contains parts', {
        ...loginKeys({ vhost: text('', 'key with the virtual host; empty: global.broker.vhost') }),
      }),
      tls: section('TLS settings, unless the URL has amqps', {
        mode: tlsOf(brokerTlsModes, '').fields.mode,
        client: clientCertificate(
          'client certificate of the service, also used to authenticate if the URL has no user',
        ),
      }),
      ca: secretRef(
        'certificate authorities for amqps that replace the public ones, in PEM; default: global.broker.tls.ca',
        'ca.crt',
      ),
    }),
    migrations: section('the Job that migrates the database', {
      enabled: flag(true, 'migrate during every install and upgrade'),
      backoffLimit: whole(3, 0, 20, 'number of retries'),
      deadlineSeconds: whole(600, 10, 86400, 'maximum duration in seconds'),
      ttlSeconds: whole(86400, 60, 2592000, 'seconds it is kept after it has finished'),
    }),
  }),
  ...(!facts.site && {
    preflight: section('checks all dependencies of the service, before a release and in `helm test`', {
      enabled: optional('the Job before each install and upgrade; default: in production', {
        type: ['boolean', 'null'],
      }),
      deadlineSeconds: whole(120, 10, 3600, 'maximum duration in seconds, including two retries'),
      test: flag(true, 'the same in `helm test`, where it also checks the service’s peers'),
    }),
  }),
  ...(facts.name === 'payment' && {
    simulatedProvider: section('a simulated payment provider, for trying the shop', {
      enabled: flag(true, 'enable it'),
      image: imageOf('payment', 'its image, if different from the service’s'),
      storage: storage('64Mi', 'storage of its charges'),
    }),
  }),
  ...(facts.name === 'gateway' && { exposure }),
  resources: section('resource requests and limits of a pod', {
    requests: section('requests', {
      cpu: quantity(facts.name === 'gateway' ? '100m' : facts.site ? '10m' : '50m', 'CPU'),
      memory: quantity(facts.site ? '64Mi' : '128Mi', 'memory'),
      'ephemeral-storage': quantity('128Mi', 'size of files in /tmp and logs'),
    }),
    limits: section('limits; none for CPU, because throttling is worse than sharing', {
      memory: quantity(facts.site ? '192Mi' : '384Mi', 'memory'),
      cpu: optional('CPU, if a quota requires a limit', { ...quantitySchema }),
      'ephemeral-storage': optional('size of files in /tmp and logs', { ...quantitySchema }),
    }),
  }),
  autoscaling: section('autoscaling', {
    type: oneOf(
      ['none', 'cpu', 'queue'],
      'none',
      'by CPU (HorizontalPodAutoscaler), or by queue depth (KEDA)',
    ),
    min: whole(2, 1, 100, 'fewest pods'),
    max: whole(6, 1, 100, 'most pods'),
    cpuPercent: whole(70, 10, 100, 'target CPU utilisation, relative to the request'),
    queue: section('for type queue', {
      messages: whole(500, 1, 1000000, 'target number of waiting messages per pod'),
      existingSecret: text(
        '',
        'Secret with the URL of the broker’s management API, including user and password',
      ),
      key: text('management-url', 'the key in it'),
      age: section('also scale by how long messages wait', {
        seconds: whole(0, 0, 3600, 'target 90th percentile of the waiting time in seconds; 0: not used'),
        prometheus: text('', 'base URL of Prometheus'),
      }),
    }),
  }),
  disruptionBudget: section('disruption budget', {
    enabled: flag(false, 'create a PodDisruptionBudget; requires at least two pods'),
    maxUnavailable: whole(1, 1, 100, 'maximum number of unavailable pods'),
  }),
  spread: section('spreading of pods over zones and nodes', {
    enabled: flag(true, 'spread them'),
    whenUnsatisfiable: oneOf(
      ['ScheduleAnyway', 'DoNotSchedule'],
      'ScheduleAnyway',
      'behaviour if that is not possible',
    ),
  }),
  ...placement,
  serviceAccount: section('the identity of its pods', {
    annotations: map({}, 'annotations, for example for a cloud’s workload identity'),
  }),
  annotations: map({}, 'annotations of its Deployment'),
  serviceAnnotations: map({}, 'annotations of its Service, for example for a cloud’s load balancer'),
  extraEnv: objects(
    [],
    'additional environment variables of its pods, migration and preflight, in the format of a container',
  ),
  extraEnvFrom: objects([], 'additional sources of environment variables, for the same'),
  extraVolumes: objects([], 'additional volumes, for the same'),
  extraVolumeMounts: objects([], 'their mounts'),
  extraContainers: objects([], 'additional containers of its pods'),
  initContainers: objects([], 'init containers; sidecars with restartPolicy Always'),
  podSpec: anything(
    {},
    'merged over global.podSpec and the spec of the pods of the service and its migration',
  ),
  extraObjects,
  podLabels: map({}, 'additional labels of pods'),
  podAnnotations: map({}, 'additional annotations of pods'),
  shutdown: section('graceful shutdown of a pod', {
    sleepSeconds: whole(5, 0, 60, 'seconds it keeps serving, until it gets no more requests'),
    graceSeconds: whole(15, 1, 120, 'seconds to finish open requests after that'),
  }),
  networkPolicy: section('additional network policy rules of this service', {
    ...(facts.site && {
      from: objects(
        [{ namespaceSelector: {} }],
        'sources that may reach its pods: the namespace of your controller, as in the gateway’s exposure.from',
      ),
    }),
    ...(facts.name === 'notification' && {
      smtp: section('the mail server', {
        to: peers(
          'destinations; empty: the mail catcher of infra, or any with your own SMTP_URL; required in production',
        ),
        ports: ports([], 'ports; empty: that of SMTP_URL, or 25, 465 and 587 if a Secret contains it'),
      }),
    }),
    ...(facts.name === 'payment' && {
      provider: section('the payment provider, unless it is simulated', {
        to: objects([{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }], 'destinations'),
        ports: ports([443], 'ports'),
      }),
    }),
    extraIngress: objects([], 'additional ingress rules'),
    extraEgress: objects([], 'additional egress rules'),
  }),
  development: section('for skaffold dev only', {
    watch: flag(false, 'restart when the bundle changes; the bundle is then on a writable volume'),
  }),
});

const exposure = section('exposure outside the cluster', {
  type: oneOf(
    ['none', 'gateway', 'ingress'],
    'none',
    'none (only port-forward), gateway (Gateway API) or ingress',
  ),
  host: text('', 'host name; empty: all'),
  storefront: flag(
    true,
    'route everything except the API to the storefront; otherwise everything is routed to the gateway',
  ),
  annotations: map({}, 'annotations of the Gateway or Ingress'),
  tlsSecret: text('', 'Secret with the certificate; empty: plain HTTP'),
  from: objects(
    [{ namespaceSelector: {} }],
    'sources that may reach the gateway’s pods: the namespace of your controller',
  ),
  gateway: section('for type gateway', {
    create: flag(true, 'create a Gateway; otherwise attach to parentRefs'),
    className: text('', 'class of that Gateway'),
    parentRefs: objects([], 'existing Gateways'),
    requestTimeout: text(
      '0s',
      'timeout of your controller for requests that are not event streams; 0s: none, since the shop has its own',
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
  enabled: flag(true, 'whether the umbrella chart installs it; for development and tests only'),
  postgresql: section('PostgreSQL', {
    image: text('docker.io/library/postgres:18.1-bookworm', 'image, with Docker’s official entry point'),
    maxConnections: whole(connectionsFor(serviceNames), 20, 5000, 'maximum number of connections'),
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
      'permissions of a service’s user; narrow revokes the default exchange, once no pod of the previous release runs',
    ),
    storage: storage('1Gi'),
    resources: anything(
      { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
      'resources',
    ),
  }),
  extraObjects,
  mailCatcher: section('an SMTP server that shows mails instead of delivering them', {
    enabled: flag(true, 'enable it'),
  }),
  ...placement,
});

const storage = (size, about = 'storage') =>
  section(about, {
    persistent: flag(true, 'use a volume that survives the pod and the release'),
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
    monitoring: shownAndWatched('dashboards and alerts'),
    extraObjects,
    tests: section('what `helm test` runs', {
      enabled: flag(true, 'a customer that registers, places an order and gets a mail'),
    }),
  };
};

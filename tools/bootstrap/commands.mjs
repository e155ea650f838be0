// @ts-check
/**
 * Every command of the workspace: what `npm run NAME -- --help` prints, which arguments it takes, and what has to be
 * there before it runs. Read by `tools/run.mjs`, before packages are installed: it imports nothing.
 *
 * A command is a `script` that gets the arguments as they were given, a `tool` (a program of the packages and its
 * arguments), or `as` (another command with arguments). `takes` names the positional arguments, of which there are `least`
 * to `most`; with `passes`, all arguments are another program's and are not looked at. `needs` is `nothing`, `packages`
 * (the default) or `generated` (packages and database clients). `packaged` scripts do their work themselves and run on
 * the packaged Node.js; the others only start programs that do. `exits` adds to the exit codes at the end.
 */

/**
 * @typedef {{ value?: string, least?: number, most?: number, short?: string }} OptionKind how an option is given: `value`
 *   names what it takes, a number from `least` to `most` where these are there; `short` is its letter
 * @typedef {OptionKind & { about: string }} Option
 * @typedef {object} Command
 * @property {string} summary
 * @property {string} [script] a path in tools/
 * @property {(positionals: readonly string[]) => readonly string[]} [tool]
 * @property {readonly [string, ...string[]]} [as]
 * @property {'nothing' | 'packages' | 'generated'} [needs]
 * @property {boolean} [packaged]
 * @property {string} [takes]
 * @property {number} [least]
 * @property {number} [most]
 * @property {boolean} [passes]
 * @property {Record<string, Option>} [options]
 * @property {Record<string, string>} [environment]
 * @property {Record<number, string>} [exits]
 */

/** @type {(least: number, most: number) => OptionKind} */
const number = (least, most) => ({ value: 'N', least, most });
/** @type {(value: string, more?: OptionKind) => OptionKind} */
const text = (value, more = {}) => ({ value, ...more });
/** @type {OptionKind} */
const flag = {};
/** @type {(about: string, kind?: OptionKind) => Option} */
const option = (about, kind = flag) => ({ about, ...kind });

const jestWords = {
  takes: '[FILE…]',
  most: Infinity,
  options: { t: option('only tests whose name matches', text('NAME')) },
};

const shopEnvironment = {
  PORT: 'where the shop listens (3000)',
  ADMIN_PORT: 'where metrics and probes are (3001)',
  HOST: 'address to listen on (127.0.0.1)',
  CORS_ORIGINS: 'origins whose pages may call the API, separated by commas, or * (none)',
  DATA_DIR: 'data folder (.bulkhead)',
  DATABASE_ADMIN_URL: 'a PostgreSQL server to use, as a role that may create databases (an embedded one)',
};
const brokerEnvironment = {
  RABBITMQ_URL: 'a broker to use (a rabbitmq-server on the PATH, a container, or Debian’s)',
  RABBITMQ_MANAGEMENT_URL: 'its management API as an administrator, to make a user for each service',
};
const testEnvironment = {
  TEST_DATABASE_URL: 'a PostgreSQL server for the tests, as a superuser (an embedded one)',
  ...brokerEnvironment,
};
const chosenTests = {
  projects: option('only these, such as order,libs/database', text('NAME,NAME', { short: 'p' })),
  exclude: option('all but these', text('NAME,NAME')),
  parallel: option('projects at once (2)', number(1, 64)),
};
const dataDir = option('of a shop on this machine (.bulkhead)', text('FOLDER'));
const wait = option('longest wait for the shop to become idle (30)', text('SECONDS', { least: 0 }));
const fresh = option('deletes the stored data first');

/** @type {Record<string, Command>} */
export const commands = {
  start: {
    summary:
      'Starts the whole shop in one process, with a database, a payment provider and a mailbox of its own.',
    script: 'shop/start.ts',
    options: {
      fresh,
      watch: option('rebuilds and restarts the shop after each edit'),
      inspect: option('lets a debugger attach at port 9229'),
    },
    environment: {
      ...shopEnvironment,
      SPLIT_OFF:
        'services to run as separate processes, such as search,notification, or none (default: those in apps/monolith/extracted.json); has the prerequisites of npm run services',
      ...brokerEnvironment,
    },
  },
  services: {
    summary:
      'Starts the shop with one process per service, over PostgreSQL and RabbitMQ; with SERVICE, rebuilds and restarts that one while the others keep running.',
    script: 'shop/services.ts',
    takes: '[SERVICE]',
    most: 1,
    options: { fresh },
    environment: { ...shopEnvironment, ...brokerEnvironment },
  },
  story: {
    summary:
      'Starts two shops under the same load, a monolith without policies and the services, and a page that shows both and breaks them (docs/story.md).',
    script: 'story/story.ts',
    needs: 'generated',
    environment: { PORT: 'where the page is (3010)' },
  },
  learn: {
    summary:
      'Checks in the running shop whether a step of docs/learn is done, and reports what it found or what is missing.',
    script: 'learn/learn.mjs',
    needs: 'nothing',
    takes: 'STEP',
    least: 1,
    most: 1,
    environment: { DATA_DIR: shopEnvironment.DATA_DIR },
    exits: { 69: 'not run: the step needs a cluster, and kubectl is missing or reaches none' },
  },
  test: {
    summary: 'Runs every test, against a real PostgreSQL and RabbitMQ.',
    script: 'test/test.ts',
    packaged: true,
    options: { ...chosenTests, 'skip-nx-cache': option('also tests projects that have not changed') },
    environment: testEnvironment,
  },
  build: {
    summary: 'Bundles the apps that changed into dist/apps.',
    takes: '[PROJECT…]',
    most: Infinity,
    tool: (projects) => ['nx', 'run-many', '-t', 'build', ...chosen(projects)],
  },
  generate: {
    summary: 'Generates the database clients from each schema.prisma that changed.',
    takes: '[PROJECT…]',
    most: Infinity,
    tool: (projects) => ['nx', 'run-many', '-t', 'generate', ...chosen(projects)],
  },
  contracts: {
    summary:
      'Generates the OpenAPI and AsyncAPI snapshots and the references in docs/ from the contracts. Rejects breaking changes.',
    script: 'api/contracts.ts',
    packaged: true,
    options: {
      breaking: option('accepts breaking changes'),
      check: option('writes nothing, and fails if something would change'),
    },
  },
  migrate: {
    summary:
      'Migrates the databases of the shop in the data folder, shows the status of the migrations, or records the outcome of one.',
    script: 'shop/migrate.ts',
    takes: '[SERVICE] [status | resolve NAME applied|rolled-back]',
    most: 4,
    environment: {
      DATA_DIR: shopEnvironment.DATA_DIR,
      MIGRATION_DATABASE_URL: 'another database, as its owner role; SERVICE names its service',
    },
  },
  migration: {
    summary:
      'Drafts the migration that brings a service’s migrations up to its schema.prisma. Review it, and add by hand what the schema language cannot express.',
    script: 'shop/migration.ts',
    packaged: true,
    takes: 'SERVICE NAME_OF_THE_CHANGE | --check SERVICE',
    least: 1,
    most: 2,
    options: { check: option('writes nothing, and fails if a migration is missing') },
    environment: { TEST_DATABASE_URL: testEnvironment.TEST_DATABASE_URL },
  },
  provision: {
    summary:
      'Creates databases, roles, broker users and queues on your own servers, or prints them as SQL and RabbitMQ definitions (docs/outside-servers.md).',
    script: 'shop/provision.ts',
    packaged: true,
    takes: '[sql | definitions]',
    most: 1,
    options: { print: option('prints the script for an administrator, without connecting to a server') },
    environment: {
      POSTGRES_ADMIN_URL: 'PostgreSQL, as a role with CREATEDB and CREATEROLE',
      RABBITMQ_MANAGEMENT_URL: 'RabbitMQ’s management API, as an administrator',
      CREDENTIALS_DIR:
        'folder with a subfolder per service, which contains DATABASE_URL, MIGRATION_DATABASE_URL and RABBITMQ_URL',
      SERVICES: 'only these, comma-separated (all with a database)',
      BROKER_ACCESS: 'narrow, once no earlier release is running (transitional)',
      BROKER_VHOST: 'virtual host, if no RABBITMQ_URL names one (/)',
    },
  },
  lint: {
    summary: 'Lints everything or the given files, including the rules for imports.',
    script: 'test/lint.ts',
    needs: 'generated',
    takes: '[FILE…]',
    most: Infinity,
    options: { fix: option('fixes what can be fixed') },
  },
  format: {
    summary: 'Formats everything or the given files.',
    takes: '[FILE…]',
    most: Infinity,
    tool: (files) => ['prettier', '--write', '--ignore-unknown', ...(files.length > 0 ? files : ['.'])],
  },
  types: {
    summary: 'Checks all types.',
    needs: 'generated',
    tool: () => ['tsc', '-b', 'tsconfig.json', 'tools', 'apps/storefront'],
  },
  check: {
    summary: 'Checks format, types and lint; runs all three even if one fails.',
    script: 'test/check.ts',
  },
  deadletters: {
    summary: 'Shows events that a service could not handle, and redrives or drops them.',
    script: 'shop/deadletters.ts',
    packaged: true,
    takes: 'list [GROUP] | show GROUP ID | redrive GROUP ID|--all | drop GROUP ID|--all',
    least: 1,
    most: 3,
    options: {
      all: option('every dead letter of the group'),
      'database-url': option('uses the in-process queues in that database', text('URL')),
    },
    environment: {
      RABBITMQ_URL: 'the broker, or several nodes of one cluster separated by commas',
      RABBITMQ_CA: 'PEM of the authorities to trust for amqps',
      RABBITMQ_PREFIX: 'prefix of the queue names (bulkhead.)',
    },
  },
  orders: {
    summary:
      'Lists all orders or those that are stuck, retries one, or resolves one as confirmed, cancelled or refunded.',
    script: 'shop/orders.ts',
    packaged: true,
    needs: 'generated',
    takes: 'list | stuck | retry ORDER_ID | resolve ORDER_ID',
    least: 1,
    most: 2,
    options: {
      state: option('list: only orders in this state', text('STATE')),
      'older-than': option('stuck: for at least this long (3600)', text('SECONDS', { least: 0 })),
      as: option('resolve: the final state', text('STATE')),
      limit: option('maximum number of lines (50)', number(1, 10_000)),
    },
    environment: { DATABASE_URL: 'the database of order' },
  },
  acceptance: {
    summary: 'Runs the acceptance tests against a running shop.',
    script: 'test/acceptance.ts',
    takes: 'URL',
    least: 1,
    most: 1,
    options: jestWords.options,
    exits: { 69: 'not run: no shop responds there' },
  },
  bench: {
    summary: 'Compares speed and memory with conventional implementations (bench/README.md).',
    script: 'experiments/bench.ts',
    needs: 'generated',
    takes: '[NAME…]',
    most: Infinity,
    options: {
      gate: option('fails if a target is missed'),
      smoke: option('runs each only briefly, to show that it works; the figures are meaningless'),
      pairs: option('pairs of runs (7)', number(1, 1_000)),
    },
    environment: { BENCH_PROFILE: 'name of a server to write a CPU profile of' },
  },
  experiment: {
    summary:
      'Runs experiments, such as a payment provider that takes 10 s, on the monolith and the services, and writes a report for each (docs/experiments).',
    script: 'experiments/experiment.ts',
    needs: 'generated',
    takes: 'list | all | NAME…',
    least: 1,
    most: Infinity,
    options: {
      target: option('processes, monolith or cluster (all targets of the experiment)', text('WHAT')),
      seconds: option('length of the load, 20 to 600 (60)', number(20, 600)),
      fast: option('30 s of load; timings are reported, but do not fail the run'),
      seed: option('of the arrivals (1)', text('N', { least: -Infinity })),
      reports: option('folder for the reports (reports)', text('FOLDER')),
    },
    environment: {
      ...brokerEnvironment,
      CLUSTER_ENTER: 'with --target cluster, a command to run them under, such as nsenter --net=…',
    },
  },
  load: {
    summary: 'Generates open-loop load on a running shop (load/README.md).',
    script: 'experiments/load-test.ts',
    needs: 'generated',
    takes: 'SCENARIO',
    least: 1,
    most: 1,
    options: {
      url: option('address of the shop (http://127.0.0.1:$PORT, that of npm start)', text('URL')),
      rate: option('arrivals per second at the peak, at most 2000', number(0, 2_000)),
      seconds: option('duration, at most 14400', number(0, 14_400)),
      json: option('also writes the result to this file', text('FILE')),
      'allow-host': option('a remote host on which load is allowed', text('HOST')),
    },
    environment: { PORT: 'port of the shop on this machine (3000)' },
    exits: {
      69: 'not run: no shop responds there',
      75: 'the run is void: the machine was too busy for meaningful results',
    },
  },
  capacity: {
    summary: 'Measures the cost of a user, and computes what many users need (docs/capacity.md).',
    script: 'experiments/capacity.ts',
    needs: 'generated',
    options: {
      write: option('writes the figures into docs/'),
      model: option('does not measure; computes from the costs in docs/'),
      daily: option('users per day (1000000)', text('N', { least: 1 })),
      concurrent: option('users at once (1000000)', text('N', { least: 1 })),
    },
    environment: brokerEnvironment,
  },
  'docs:metrics': {
    summary: 'Generates docs/metrics.md from the metrics of the services.',
    script: 'observability/metrics.ts',
    needs: 'generated',
  },
  reconcile: {
    summary:
      'Checks that the services’ data is consistent after the database of one was restored (docs/restore.md).',
    script: 'shop/reconcile.ts',
    packaged: true,
    needs: 'generated',
    options: {
      resend: option('first publishes again the events that SERVICE consumes …', text('SERVICE')),
      since: option('… from this time on (RFC 3339), the time of the backup', text('TIME')),
      'data-dir': dataDir,
      wait,
    },
  },
  invariants: {
    summary:
      'Checks a shop’s databases, provider, broker and mailbox against the invariants (docs/invariants.md).',
    script: 'shop/invariants.ts',
    packaged: true,
    needs: 'generated',
    options: {
      'data-dir': dataDir,
      acknowledged: option('JSON lines of the responses that clients got; repeatable', text('FILE')),
      explained: option('a dead letter that was expected; repeatable', text('MESSAGE_ID')),
      wait,
      'order-bound': option('longest time to the end of an order (960)', text('SECONDS', { least: 0 })),
      'retry-delays': option('the shop’s retry delays, if they are not the defaults', text('MS,MS,…')),
      json: option('writes the whole report', text('FILE')),
    },
  },
  chaos: {
    summary:
      'Kills, freezes and restarts parts of a shop under load, at random from a seed, and checks the invariants (docs/invariants.md).',
    script: 'experiments/chaos.ts',
    needs: 'generated',
    options: {
      seed: option('seed of the schedule (1)', text('N', { least: 0 })),
      minutes: option('minutes with faults (2)', number(1, 1_440)),
      'calm-seconds': option('seconds of load without faults, before that (45)', number(10, 3_600)),
      report: option('file for the report (reports/chaos.json)', text('FILE')),
      logs: option('folder for the logs of the services', text('FOLDER')),
      plan: option('only prints the schedule'),
    },
    environment: brokerEnvironment,
  },
  explore: {
    summary: 'Plays random histories of orders, from a seed, on the real code (docs/invariants.md).',
    script: 'experiments/explore.ts',
    needs: 'generated',
    options: {
      seed: option('seed of the histories (1)', text('N', { least: 0 })),
      histories: option('number of histories (1000)', number(1, 10_000_000)),
      lanes: option('histories at once, each lane with its own databases', number(1, 64)),
      replay: option('replays one history, as printed by a failure', text('TAPE')),
    },
    environment: { TEST_DATABASE_URL: testEnvironment.TEST_DATABASE_URL },
  },
  charts: {
    summary: 'Generates files in charts/ and skaffold.yaml from the services and tools/charts/values.mjs.',
    script: 'charts/charts.mjs',
    packaged: true,
    needs: 'generated',
    takes: '[CHART…]',
    most: Infinity,
    options: {
      check: option('writes nothing, and fails if something would change'),
      raise: option('first raises the version of the given charts, or of all', text('patch|minor')),
    },
  },
  dashboards: {
    summary:
      'Generates the dashboards, alerts and their copies in the umbrella chart from their TypeScript sources.',
    script: 'dashboards/dashboards.ts',
    packaged: true,
    options: { check: option('writes nothing, and fails if something would change') },
  },
  sbom: {
    summary: 'Prints a software bill of materials in SPDX.',
    tool: () => ['npm', 'sbom', '--sbom-format', 'spdx', '--omit', 'dev'],
  },
  skaffold: {
    summary: 'Runs Skaffold with the bundles in dist; with `dev`, rebuilds them after each edit.',
    script: 'images/skaffold.ts',
    needs: 'nothing',
    takes: 'COMMAND [ARGUMENTS OF SKAFFOLD…]',
    least: 1,
    passes: true,
    exits: { 69: 'not run: skaffold is not on the PATH' },
  },
  images: {
    summary: 'Builds the bundles and the images of those that changed; prints the name of every image.',
    script: 'images/images.ts',
    takes: '[APP…]',
    most: Infinity,
    options: {
      tag: option('tag of the images (the version of the workspace)', text('TAG')),
      repository: option('prefix of the app’s name (docker.io/bulkhead)', text('PREFIX')),
      force: option('also builds images that have not changed'),
      push: option('pushes the images'),
    },
    environment: { CONTAINER_TOOL: 'docker or buildah (whichever is there)' },
  },
  'docs:site': {
    summary:
      'Builds the documentation as a static site in dist/docs-site, and fails on broken links or anchors (docs/documentation-site.md).',
    script: 'docs-site/docs-site.ts',
    packaged: true,
    options: {
      check: option('counts the pages at the end, and those with broken links'),
      browser: option('checks pages in Chromium, light and dark, and sends a request from the API reference'),
      serve: option('serves the site on this machine until Ctrl-C'),
    },
    environment: {
      DOCS_BASE: 'path that the site will be served at (/)',
      DOCS_SOURCE_URL:
        'base URL for links to source files, such as https://host/owner/name/blob/main/ (no links)',
      PORT: 'port of --serve (3020)',
      CHROMIUM: 'browser for --browser (one on the PATH, or Debian’s)',
    },
  },
  'client:types': {
    summary: 'Generates the types of @bulkhead/client from the API document.',
    script: 'api/client-types.ts',
    packaged: true,
    options: { check: option('writes nothing, and fails if they would change') },
  },
  'lint:api': {
    summary:
      'Lints the OpenAPI and AsyncAPI documents with Redocly and Spectral; exceptions are in tools/api/api-tools.',
    script: 'api/lint-api.ts',
    packaged: true,
  },
  'test:api': {
    summary:
      'Starts a shop and compares its responses with its API document, also with Schemathesis (docs/api-tests.md).',
    script: 'api/test-api.ts',
    needs: 'generated',
    options: {
      seed: option('seed of the examples (7)', text('N', { least: 0 })),
      examples: option('cases per operation (10)', number(1, 100_000)),
    },
    exits: { 69: 'not run: there is no Python with its module venv' },
  },
  'test:clients': {
    summary:
      'Generates clients from the API document, compiles them and places orders with them, as described in docs/clients.md; with CLIENT, only these.',
    script: 'api/test-clients.mjs',
    needs: 'generated',
    takes: '[CLIENT…]',
    most: Infinity,
    exits: { 69: 'not run: Python with its module venv, Go, or Maven with a JDK is missing' },
  },
  'test:charts': {
    summary: 'Tests the rendered charts. Needs helm, kubectl and kubeconform on the PATH, but no cluster.',
    script: 'charts/test-charts.ts',
    needs: 'nothing',
    ...jestWords,
    exits: { 69: 'not run: one of these is missing' },
  },
  'test:cluster': {
    summary:
      'Installs, upgrades, breaks and uninstalls the shop in the cluster of KUBECONFIG (docs/cluster-tests.md).',
    script: 'cluster/test-cluster.ts',
    needs: 'nothing',
    ...jestWords,
    environment: {
      SHOP_URL: 'where the cluster’s gateway responds (http://localhost:8080)',
      IMAGE_LOAD: 'a command that brings images into the cluster (kind load docker-image)',
      CLUSTER_VALUES: 'values that this cluster needs (charts/tests/cluster/kind.yaml)',
      CLUSTER_ENTER: 'a command to run the tests under, such as nsenter --net=…',
      CLUSTER_TOKEN_ISSUER: 'expected token issuer of the cluster, if it should be checked',
      CONTAINER_TOOL: 'docker or buildah (whichever is there)',
    },
    exits: { 69: 'not run: helm or kubectl is missing, or reaches no cluster' },
  },
  'test:nodes': {
    summary:
      'Drains, kills and disconnects nodes of a shop on three nodes, in the cluster of KUBECONFIG (docs/cluster-tests.md).',
    script: 'cluster/test-nodes.ts',
    needs: 'nothing',
    ...jestWords,
    environment: {
      SHOP_URL: 'where the cluster’s gateway responds (http://localhost:8080)',
      IMAGE_LOAD: 'a command that brings images into all nodes (kind load docker-image)',
      CLUSTER_VALUES: 'values that this cluster needs (charts/tests/cluster/kind.yaml)',
      CLUSTER_ENTER: 'a command in which the tests run, such as nsenter --net=…',
      CONTAINER_TOOL: 'docker or buildah (whichever is there)',
      NODE_KILL: 'a command that cuts a node’s power (docker kill)',
      NODE_START: 'one that starts it again (docker start)',
      NODE_CUT: 'one that pulls a node’s network cable (docker network disconnect kind)',
      NODE_JOIN: 'one that plugs it in again (docker network connect kind)',
      NODES_REPORTS: 'a folder for plots of each accident',
    },
    exits: { 69: 'not run: helm or kubectl is missing, or the cluster has fewer than three nodes' },
  },
  'test:observability': {
    summary:
      'Installs Prometheus and the Collector next to a shop in the cluster of KUBECONFIG, and checks their data (docs/cluster-tests.md).',
    script: 'observability/test-observability.mjs',
    needs: 'nothing',
    environment: {
      SHOP_URL: 'where the cluster’s gateway responds (http://localhost:8080)',
      IMAGE_LOAD: 'a command that brings images into the cluster (kind load docker-image)',
      CLUSTER_VALUES: 'values that this cluster needs (charts/tests/cluster/kind.yaml)',
      CLUSTER_ENTER: 'a command in which the tests run, such as nsenter --net=…',
      CONTAINER_TOOL: 'docker or buildah (whichever is there)',
      PROMETHEUS_IMAGE: 'the image of Prometheus (the one of k8s/observability)',
      COLLECTOR_IMAGE: 'the image of the Collector (the one of k8s/observability)',
    },
    exits: { 69: 'not run: helm or kubectl is missing, or reaches no cluster' },
  },
  'test:commands': {
    summary:
      'Runs every command as the first one in a fresh clone, and one of them in a clone without packages.',
    script: 'test/test-commands.mjs',
    packaged: true,
    takes: '[COMMAND…]',
    most: Infinity,
  },
  'test:mutants': {
    summary: 'Injects known mistakes into services: the invariants must detect each (docs/invariants.md).',
    script: 'test/mutants.ts',
    needs: 'generated',
    takes: '[NAME…]',
    most: Infinity,
    environment: brokerEnvironment,
  },
  'test:chaos': {
    summary: 'Two minutes of seeded faults, then the invariants: npm run chaos -- --seed 20 --minutes 2.',
    as: ['chaos', '--seed', '20', '--minutes', '2'],
  },
  'test:experiments': {
    summary: 'Four experiments of 30 s: npm run experiment -- … --fast.',
    as: ['experiment', 'payment-slow', 'notification-down', 'broker-killed', 'answers-lost', '--fast'],
  },
  'test:dashboards': {
    summary: 'Runs every query of every panel and alert in a Prometheus, and checks /ops in a browser.',
    script: 'dashboards/test-dashboards.mjs',
    needs: 'nothing',
    options: { pictures: option('also draws the dashboards and /ops for docs/') },
    environment: {
      PROMETHEUS: 'the server (the first of each major version on the PATH)',
      CHROMIUM: 'the browser (on the PATH)',
    },
    exits: { 69: 'not run: one of them is missing' },
  },
  'test:learn': {
    summary:
      'Runs the commands of docs/learn in a clone: the check of each step must fail before and pass after. Skips steps that need a cluster.',
    script: 'learn/test-learn.mjs',
    needs: 'nothing',
    takes: '[STEP…]',
    most: Infinity,
  },
  'test:majority': {
    summary:
      'Stops two of three RabbitMQ nodes: the third still accepts connections but is stalled, which must be detected.',
    script: 'test/test-majority.ts',
    needs: 'generated',
    environment: { TEST_DATABASE_URL: testEnvironment.TEST_DATABASE_URL },
    exits: { 69: 'not run: there is no rabbitmq-server' },
  },
  'test:oldest': {
    summary: 'Runs every test with the oldest supported servers: PostgreSQL 15 and RabbitMQ 3.10.',
    script: 'test/test-oldest.ts',
    options: chosenTests,
    packaged: true,
    environment: {
      POSTGRES_BIN: 'folder of PostgreSQL 15’s programs (Debian 12’s)',
      RABBITMQ_BIN: 'folder of RabbitMQ 3.10’s programs (Debian 12’s)',
    },
    exits: { 69: 'not run: there are no such servers' },
  },
  'test:pooler': {
    summary:
      'Runs the shop through PgBouncer in transaction mode: acceptance, then load while it and PostgreSQL are killed and a standby is promoted.',
    script: 'test/test-pooler.ts',
    needs: 'generated',
    environment: { PGBOUNCER: 'the program, 1.21 or later (on the PATH, or Debian’s)' },
    exits: { 69: 'not run: there is no PgBouncer, or only an older one' },
  },
  'test:traces': {
    summary:
      'Places orders in a shop with an OpenTelemetry Collector, and checks which traces are kept and linked.',
    script: 'observability/test-traces.mjs',
    needs: 'nothing',
    environment: { OTELCOL: 'the program (otelcol-contrib or otelcol on the PATH)' },
    exits: { 69: 'not run: there is none' },
  },
  'test:storefront': {
    summary: 'Places orders in a real browser while parts of the shop fail, and checks every page with axe.',
    script: 'storefront/test-storefront.ts',
    needs: 'nothing',
    takes: '[URL]',
    most: 1,
    options: {
      pictures: option('also draws pages for docs/'),
      processes: option('runs every service as a process instead, and kills each of them'),
    },
    environment: { CHROMIUM: 'the browser (on the PATH)', ...brokerEnvironment },
    exits: { 69: 'not run: there is no browser' },
  },
  'test:lighthouse': {
    summary:
      'Runs Lighthouse on the storefront with a simulated phone and slow network: at least 95 of 100 in each category. Needs a quiet machine.',
    script: 'storefront/test-lighthouse.ts',
    needs: 'nothing',
    environment: { CHROMIUM: 'the browser (on the PATH)' },
    exits: { 69: 'not run: there is no browser' },
  },
  'test:story': {
    summary:
      'Presses every button of npm run story in a real browser: the monolith degrades, the services keep selling.',
    script: 'story/test-story.mjs',
    needs: 'nothing',
    options: { pictures: option('also draws the page for docs/') },
    environment: { CHROMIUM: 'the browser (on the PATH)' },
    exits: { 69: 'not run: there is no browser' },
  },
  'test:stripe': {
    summary: 'Checks every request to Stripe against stripe-mock, which uses Stripe’s OpenAPI document.',
    script: 'test/test-stripe.ts',
    needs: 'generated',
    environment: { STRIPE_MOCK: 'the program (the one on the PATH, or Go installs it)' },
    exits: { 69: 'not run: there is no stripe-mock, and no Go to install it' },
  },
  'test:generator': {
    summary:
      'Generates a service with an endpoint, an event and a consumer in a clone, runs its tests, calls it in a running shop, also as a process of its own, and removes it completely (docs/adding-a-service.md).',
    script: 'create/test-generator.mjs',
    needs: 'generated',
    options: { check: option('also checks format, lint, types and the rendered chart') },
  },
  create: {
    summary:
      'Creates your own shop from this work tree, as npx create-bulkhead does from its package (docs/create.md).',
    script: 'create/create.ts',
    takes: '[FOLDER]',
    most: 1,
    options: {
      name: option('name of the workspace (the name of FOLDER)', text('NAME')),
      scope: option('npm scope of its packages (@NAME)', text('@SCOPE')),
      services: option(
        'optional services to keep: search, notification, or core for none (all)',
        text('LIST'),
      ),
      'dry-run': option('prints what would be created, and creates nothing'),
      'no-install': option('installs no packages, and prints the commands to run later'),
    },
  },
  'test:create': {
    summary:
      'Creates a shop without search and notification under another scope, checks its types, builds and starts it, places an order, and runs some of its tests (docs/create.md).',
    script: 'create/test-create.mjs',
    needs: 'generated',
    options: { check: option('also format, lint and the site of its documentation') },
  },
  'test:watch': {
    summary:
      'Edits an app and a contract in a clone under npm start -- --watch, and measures when each edit is served.',
    script: 'test/test-watch.mjs',
    needs: 'generated',
  },
  'test:restore': {
    summary: 'Destroys the database of a service and restores it as described in docs/restore.md.',
    script: 'test/test-restore.mjs',
    needs: 'nothing',
    environment: { POSTGRES_BIN: 'a folder with PostgreSQL and its tools (Debian’s newest)' },
    exits: { 69: 'not run: PostgreSQL with its tools is missing' },
  },
  'test:rotation': {
    summary: 'Rotates every secret of a shop under load, as described in docs/rotation.md.',
    script: 'test/test-rotation.ts',
    needs: 'nothing',
    environment: brokerEnvironment,
  },
  'verify:full': {
    summary:
      'Runs every check (two to three hours), and writes a report to reports/verify; with STEPs, only those.',
    script: 'test/verify-full.mjs',
    needs: 'nothing',
    takes: '[STEP…]',
    most: Infinity,
  },
};

/** @type {(projects: readonly string[]) => string[]} */
const chosen = (projects) => (projects.length > 0 ? [`--projects=${projects.join(',')}`] : []);

/**
 * What an exit code means, for every command.
 * @type {Record<number, string>}
 */
export const exitCodes = {
  0: 'success',
  1: 'a check failed, or the command failed',
  2: 'invalid arguments or environment; nothing was changed',
};

/**
 * Every command of the workspace: what `npm run NAME -- --help` prints, which arguments it takes, and what has to be
 * there before it runs. Read by `scripts/run.mjs`, before packages are installed: it imports nothing.
 *
 * A command is a `script` that gets the arguments as they were given, a `tool` (a program of the packages and its
 * arguments), or `as` (another command with arguments). `takes` names the positional arguments, of which there are `least`
 * to `most`; with `passes`, all arguments are another program's and are not looked at. `needs` is `nothing`, `packages`
 * (the default) or `generated` (packages and database clients). `packaged` scripts do their work themselves and run on
 * the packaged Node.js; the others only start programs that do. `exits` adds to the exit codes at the end.
 */

const number = (least, most) => ({ value: 'N', least, most });
const text = (value, more = {}) => ({ value, ...more });
const flag = {};
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
  DATA_DIR: 'folder of everything that is kept (.bulkhead)',
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
const wait = option('longest wait for the shop to come to rest (30)', text('SECONDS', { least: 0 }));
const fresh = option('begins anew: what was kept is removed');

export const commands = {
  start: {
    summary:
      'Starts the whole shop in one process, with a database, a payment provider and a mailbox of its own.',
    script: 'start.mjs',
    options: { fresh },
    environment: shopEnvironment,
  },
  services: {
    summary:
      'Starts the shop as one process a service over PostgreSQL and RabbitMQ; with SERVICE, builds and starts that one again while the others serve.',
    script: 'services.mjs',
    takes: '[SERVICE]',
    most: 1,
    options: { fresh },
    environment: { ...shopEnvironment, ...brokerEnvironment },
  },
  story: {
    summary:
      'Starts two shops under the same load, a monolith without policies and the services, and a page that shows both and breaks them (docs/story.md).',
    script: 'story.mjs',
    needs: 'generated',
    environment: { PORT: 'where the page is (3010)' },
  },
  test: {
    summary: 'Runs every test, against a real PostgreSQL and RabbitMQ.',
    script: 'test.mjs',
    packaged: true,
    options: { ...chosenTests, 'skip-nx-cache': option('tests again what has not changed') },
    environment: testEnvironment,
  },
  build: {
    summary: 'Bundles the apps into dist/apps, those that changed.',
    takes: '[PROJECT…]',
    most: Infinity,
    tool: (projects) => ['nx', 'run-many', '-t', 'build', ...chosen(projects)],
  },
  generate: {
    summary: 'Generates the database clients from the services’ schema.prisma, those that changed.',
    takes: '[PROJECT…]',
    most: Infinity,
    tool: (projects) => ['nx', 'run-many', '-t', 'generate', ...chosen(projects)],
  },
  contracts: {
    summary:
      'Writes what is made from the contracts: the OpenAPI and AsyncAPI snapshots and the references in docs/. Refuses what breaks those who rely on them.',
    script: 'contracts.mjs',
    packaged: true,
    options: {
      breaking: option('accepts changes that break others'),
      check: option('writes nothing, and fails where something would change'),
    },
  },
  migrate: {
    summary:
      'Migrates the databases of the shop that runs in the data folder; or shows how migrations stand, or notes what became of one.',
    script: 'migrate.mjs',
    takes: '[SERVICE] [status | resolve NAME applied|rolled-back]',
    most: 4,
    environment: {
      DATA_DIR: shopEnvironment.DATA_DIR,
      MIGRATION_DATABASE_URL: 'another database, as its owner role; SERVICE says whose',
    },
  },
  migration: {
    summary:
      'Drafts the migration that brings a service’s migrations up to its schema.prisma. Read it, and write by hand what the schema language cannot say.',
    script: 'migration.mjs',
    packaged: true,
    takes: 'SERVICE NAME_OF_THE_CHANGE | --check SERVICE',
    least: 1,
    most: 2,
    options: { check: option('writes nothing, and fails where a migration is missing') },
    environment: { TEST_DATABASE_URL: testEnvironment.TEST_DATABASE_URL },
  },
  provision: {
    summary:
      'Makes databases, roles, broker users and queues on servers of yours; or prints it as SQL and RabbitMQ definitions (docs/outside-servers.md).',
    script: 'provision.mjs',
    packaged: true,
    takes: '[sql | definitions]',
    most: 1,
    options: { print: option('writes what an administrator is to run, and connects to nothing') },
    environment: {
      POSTGRES_ADMIN_URL: 'PostgreSQL, as a role with CREATEDB and CREATEROLE',
      RABBITMQ_MANAGEMENT_URL: 'RabbitMQ’s management API, as an administrator',
      CREDENTIALS_DIR:
        'folder with DATABASE_URL, MIGRATION_DATABASE_URL and RABBITMQ_URL in a folder a service',
      SERVICES: 'only these, comma-separated (all with a database)',
      BROKER_ACCESS: 'narrow once no release before this one runs (transitional)',
      BROKER_VHOST: 'virtual host, where no RABBITMQ_URL names one (/)',
    },
  },
  lint: {
    summary: 'Lints everything, or FILEs: among the rules, who may import whom.',
    script: 'lint.mjs',
    needs: 'generated',
    takes: '[FILE…]',
    most: Infinity,
    options: { fix: option('fixes what can be fixed') },
  },
  format: {
    summary: 'Formats everything, or FILEs.',
    takes: '[FILE…]',
    most: Infinity,
    tool: (files) => ['prettier', '--write', ...(files.length > 0 ? files : ['.'])],
  },
  types: {
    summary: 'Checks the types of everything.',
    needs: 'generated',
    tool: () => ['tsc', '-b', 'tsconfig.json', 'apps/storefront'],
  },
  check: {
    summary: 'Checks format, types and lint; all three, whatever fails.',
    script: 'check.mjs',
  },
  deadletters: {
    summary: 'Shows events that a service could not handle, and sends them again or drops them.',
    script: 'deadletters.mjs',
    packaged: true,
    takes: 'list [GROUP] | show GROUP ID | redrive GROUP ID|--all | drop GROUP ID|--all',
    least: 1,
    most: 3,
    options: {
      all: option('every dead letter of the group'),
      'database-url': option('works on the in-process queues in that database', text('URL')),
    },
    environment: {
      RABBITMQ_URL: 'the broker to work on, or several of one cluster separated by commas',
      RABBITMQ_CA: 'PEM of the authorities to trust for amqps',
      RABBITMQ_PREFIX: 'begins the names of the queues (bulkhead.)',
    },
  },
  orders: {
    summary:
      'Lists orders, or those that stand still; lets one go on; or ends one as what it was found to be (confirmed, cancelled or refunded).',
    script: 'orders.mjs',
    packaged: true,
    needs: 'generated',
    takes: 'list | stuck | retry ORDER_ID | resolve ORDER_ID',
    least: 1,
    most: 2,
    options: {
      state: option('list: only orders in it', text('STATE')),
      'older-than': option('stuck: for so long (3600)', text('SECONDS', { least: 0 })),
      as: option('resolve: the state it ends in', text('STATE')),
      limit: option('at most so many lines (50)', number(1, 10_000)),
    },
    environment: { DATABASE_URL: 'the database of order' },
  },
  acceptance: {
    summary: 'Runs the acceptance suite, what a shop must do, against a shop that runs somewhere.',
    script: 'acceptance.mjs',
    takes: 'URL',
    least: 1,
    most: 1,
    options: jestWords.options,
    exits: { 69: 'not run: no shop responds there' },
  },
  bench: {
    summary: 'Measures speed and memory against what people would write (bench/README.md).',
    script: 'bench.mjs',
    needs: 'generated',
    takes: '[NAME…]',
    most: Infinity,
    options: {
      gate: option('fails where a promise is missed'),
      smoke: option('each for a moment: shows that it runs, the figures mean nothing'),
      pairs: option('pairs of runs (7)', number(1, 1_000)),
    },
    environment: { BENCH_PROFILE: 'name of a server to write a CPU profile of' },
  },
  experiment: {
    summary:
      'Runs experiments, such as a payment provider that takes 10 s, on the monolith and the services, and writes a report of each (docs/experiments).',
    script: 'experiment.mjs',
    needs: 'generated',
    takes: 'list | all | NAME…',
    least: 1,
    most: Infinity,
    options: {
      target: option('processes, monolith or cluster (all that an experiment compares)', text('WHAT')),
      seconds: option('length of the load, 20 to 600 (60)', number(20, 600)),
      fast: option('30 s of load; what was timed is reported, but fails nothing'),
      seed: option('of the arrivals (1)', text('N', { least: -Infinity })),
      reports: option('where reports go (reports)', text('FOLDER')),
    },
    environment: {
      ...brokerEnvironment,
      CLUSTER_ENTER: 'with --target cluster, a command in which they run, such as nsenter --net=…',
    },
  },
  load: {
    summary: 'Loads a running shop with arrivals that do not wait for responses (load/README.md).',
    script: 'load-test.mjs',
    needs: 'generated',
    takes: 'SCENARIO',
    least: 1,
    most: 1,
    options: {
      url: option('where the shop is (http://127.0.0.1:$PORT, where npm start puts it)', text('URL')),
      rate: option('arrivals per second at the peak, at most 2000', number(0, 2_000)),
      seconds: option('how long they come, at most 14400', number(0, 14_400)),
      json: option('writes the result there too', text('FILE')),
      'allow-host': option('a host other than this machine that may be loaded', text('HOST')),
    },
    environment: { PORT: 'of the shop on this machine (3000)' },
    exits: {
      69: 'not run: no shop responds there',
      75: 'the run is void: the machine was too busy, and the figures say nothing of the shop',
    },
  },
  capacity: {
    summary: 'Measures what people cost, and computes from it what many need (docs/capacity.md).',
    script: 'capacity.mjs',
    needs: 'generated',
    options: {
      write: option('writes the figures into docs/'),
      model: option('measures nothing: computes from the costs in docs/'),
      daily: option('users a day (1000000)', text('N', { least: 1 })),
      concurrent: option('users at once (1000000)', text('N', { least: 1 })),
    },
    environment: brokerEnvironment,
  },
  'docs:metrics': {
    summary: 'Writes docs/metrics.md from what the services measure.',
    script: 'metrics.mjs',
    needs: 'generated',
  },
  reconcile: {
    summary:
      'Compares what the services know of each other after the database of one was restored (docs/restore.md).',
    script: 'reconcile.mjs',
    packaged: true,
    needs: 'generated',
    options: {
      resend: option(
        'first has the other services send again the events that SERVICE consumes …',
        text('SERVICE'),
      ),
      since: option('… from this time on (RFC 3339), the time of the backup', text('TIME')),
      'data-dir': dataDir,
      wait,
    },
  },
  invariants: {
    summary:
      'Checks a shop’s databases, provider, broker and mailbox against the invariants (docs/invariants.md).',
    script: 'invariants.mjs',
    packaged: true,
    needs: 'generated',
    options: {
      'data-dir': dataDir,
      acknowledged: option('JSON lines of what clients were promised; repeatable', text('FILE')),
      explained: option('a dead letter that was expected; repeatable', text('MESSAGE_ID')),
      wait,
      'order-bound': option('longest time to the end of an order (960)', text('SECONDS', { least: 0 })),
      'retry-delays': option('the shop’s ladder, where it is not the usual one', text('MS,MS,…')),
      json: option('writes the whole report', text('FILE')),
    },
  },
  chaos: {
    summary:
      'Kills, freezes and restarts parts of a shop under load, drawn from a seed, and checks the invariants (docs/invariants.md).',
    script: 'chaos.mjs',
    needs: 'generated',
    options: {
      seed: option('what is drawn from (1)', text('N', { least: 0 })),
      minutes: option('with faults (2)', number(1, 1_440)),
      'calm-seconds': option('without, before them (45)', number(10, 3_600)),
      report: option('where the report goes (reports/chaos.json)', text('FILE')),
      logs: option('keeps what the services log', text('FOLDER')),
      plan: option('prints what would happen, and does nothing'),
    },
    environment: brokerEnvironment,
  },
  explore: {
    summary: 'Plays histories of orders, drawn from a seed, on the real code (docs/invariants.md).',
    script: 'explore.mjs',
    needs: 'generated',
    options: {
      seed: option('what the histories are drawn from (1)', text('N', { least: 0 })),
      histories: option('how many (1000)', number(1, 10_000_000)),
      lanes: option('how many at once, each lane in databases of its own', number(1, 64)),
      replay: option('plays one history again, as a failure printed it', text('TAPE')),
    },
    environment: { TEST_DATABASE_URL: testEnvironment.TEST_DATABASE_URL },
  },
  charts: {
    summary:
      'Writes what is generated in charts/ and skaffold.yaml from the services and scripts/charts/values.mjs.',
    script: 'charts.mjs',
    packaged: true,
    needs: 'generated',
    takes: '[CHART…]',
    most: Infinity,
    options: {
      check: option('writes nothing, and fails where something would change'),
      raise: option('first raises the version of the named charts, or of all', text('patch|minor')),
    },
  },
  dashboards: {
    summary: 'Writes the dashboards, alerts and their copies in the umbrella chart from their TypeScript.',
    script: 'dashboards.mjs',
    packaged: true,
    options: { check: option('writes nothing, and fails where something would change') },
  },
  sbom: {
    summary: 'Prints what the product is made of, in SPDX.',
    tool: () => ['npm', 'sbom', '--sbom-format', 'spdx', '--omit', 'dev'],
  },
  skaffold: {
    summary: 'Runs Skaffold with every bundle in dist; with `dev`, bundles follow the source.',
    script: 'skaffold.mjs',
    needs: 'nothing',
    takes: 'COMMAND [ARGUMENTS OF SKAFFOLD…]',
    least: 1,
    passes: true,
    exits: { 69: 'not run: skaffold is not on the PATH' },
  },
  images: {
    summary: 'Builds the bundles, then the images of those that changed; prints every image’s name.',
    script: 'images.mjs',
    takes: '[APP…]',
    most: Infinity,
    options: {
      tag: option('of the images (the version of the workspace)', text('TAG')),
      repository: option('in front of the app’s name (docker.io/bulkhead)', text('PREFIX')),
      force: option('builds what has not changed, too'),
      push: option('pushes them'),
    },
    environment: { CONTAINER_TOOL: 'docker or buildah (whichever is there)' },
  },
  'test:api': {
    summary:
      'Starts a shop and compares its responses with its API document, by Schemathesis too (docs/api-tests.md).',
    script: 'test-api.mjs',
    needs: 'generated',
    options: {
      seed: option('of the examples (7)', text('N', { least: 0 })),
      examples: option('cases an operation (10)', number(1, 100_000)),
    },
    exits: { 69: 'not run: there is no Python with its module venv' },
  },
  'test:charts': {
    summary: 'Tests what the charts render. Needs helm, kubectl and kubeconform on the PATH, no cluster.',
    script: 'test-charts.mjs',
    needs: 'nothing',
    ...jestWords,
    exits: { 69: 'not run: one of these is missing' },
  },
  'test:cluster': {
    summary:
      'Installs, upgrades, hurts and uninstalls the shop in the cluster that KUBECONFIG leads to (docs/cluster-tests.md).',
    script: 'test-cluster.mjs',
    needs: 'nothing',
    ...jestWords,
    environment: {
      SHOP_URL: 'where the cluster’s gateway responds (http://localhost:8080)',
      IMAGE_LOAD: 'a command that brings images into the cluster (kind load docker-image)',
      CLUSTER_VALUES: 'values that this cluster needs (charts/tests/cluster/kind.yaml)',
      CLUSTER_ENTER: 'a command in which the tests run, such as nsenter --net=…',
      CLUSTER_TOKEN_ISSUER: 'who issues tokens in the cluster, where that is to be looked at',
      CONTAINER_TOOL: 'docker or buildah (whichever is there)',
    },
    exits: { 69: 'not run: helm or kubectl is missing, or reaches no cluster' },
  },
  'test:nodes': {
    summary:
      'Drains, kills and cuts off nodes under a shop on three of them, in the cluster that KUBECONFIG leads to (docs/cluster-tests.md).',
    script: 'test-nodes.mjs',
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
      'Installs Prometheus and the Collector beside a shop in the cluster that KUBECONFIG leads to, and looks at what they show (docs/cluster-tests.md).',
    script: 'test-observability.mjs',
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
    summary: 'Runs every command as the first one in a fresh clone, and one in a clone without packages.',
    script: 'test-commands.mjs',
    packaged: true,
    takes: '[COMMAND…]',
    most: Infinity,
  },
  'test:mutants': {
    summary: 'Puts known mistakes into services: the invariants must catch each (docs/invariants.md).',
    script: 'mutants.mjs',
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
    summary: 'Asks a Prometheus every query of every panel and alert, and looks at /ops with a browser.',
    script: 'test-dashboards.mjs',
    needs: 'nothing',
    options: { pictures: option('also draws the dashboards and /ops for docs/') },
    environment: {
      PROMETHEUS: 'the server (the first of each major version on the PATH)',
      CHROMIUM: 'the browser (on the PATH)',
    },
    exits: { 69: 'not run: one of them is missing' },
  },
  'test:majority': {
    summary:
      'Takes two of three RabbitMQ nodes away: the third is connected and of no use, which is noticed.',
    script: 'test-majority.mjs',
    needs: 'generated',
    environment: { TEST_DATABASE_URL: testEnvironment.TEST_DATABASE_URL },
    exits: { 69: 'not run: there is no rabbitmq-server' },
  },
  'test:oldest': {
    summary: 'Runs every test with the oldest servers that are supported: PostgreSQL 15 and RabbitMQ 3.10.',
    script: 'test-oldest.mjs',
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
    script: 'test-pooler.mjs',
    needs: 'generated',
    environment: { PGBOUNCER: 'the program, 1.21 or later (on the PATH, or Debian’s)' },
    exits: { 69: 'not run: there is no PgBouncer, or only an older one' },
  },
  'test:traces': {
    summary:
      'Buys from a shop beside an OpenTelemetry Collector, and looks at which traces are kept and what leads to them.',
    script: 'test-traces.mjs',
    needs: 'nothing',
    environment: { OTELCOL: 'the program (otelcol-contrib or otelcol on the PATH)' },
    exits: { 69: 'not run: there is none' },
  },
  'test:storefront': {
    summary:
      'Buys in a running shop with a real browser, while parts of it fail; and has axe look at every page.',
    script: 'test-storefront.mjs',
    needs: 'nothing',
    options: { pictures: option('also draws pages for docs/') },
    environment: { CHROMIUM: 'the browser (on the PATH)' },
    exits: { 69: 'not run: there is no browser' },
  },
  'test:story': {
    summary:
      'Presses every button of the story in a real browser: the monolith suffers, the services go on selling.',
    script: 'test-story.mjs',
    needs: 'nothing',
    options: { pictures: option('also draws the page for docs/') },
    environment: { CHROMIUM: 'the browser (on the PATH)' },
    exits: { 69: 'not run: there is no browser' },
  },
  'test:stripe': {
    summary: 'Checks every request to Stripe against stripe-mock, which knows Stripe’s own API description.',
    script: 'test-stripe.mjs',
    needs: 'generated',
    environment: { STRIPE_MOCK: 'the program (the one on the PATH, or Go installs it)' },
    exits: { 69: 'not run: there is no stripe-mock, and no Go to install it' },
  },
  'test:restore': {
    summary: 'Ruins the database of a service and restores it as docs/restore.md says.',
    script: 'test-restore.mjs',
    needs: 'nothing',
    environment: { POSTGRES_BIN: 'a folder with PostgreSQL and its tools (Debian’s newest)' },
    exits: { 69: 'not run: PostgreSQL with its tools is missing' },
  },
  'test:rotation': {
    summary: 'Rotates every secret of a shop of processes while people buy, as docs/rotation.md says.',
    script: 'test-rotation.mjs',
    needs: 'nothing',
    environment: brokerEnvironment,
  },
  'verify:full': {
    summary:
      'Runs every check there is, two to three hours, and writes a report to reports/verify; with STEPs, only those.',
    script: 'verify-full.mjs',
    needs: 'nothing',
    takes: '[STEP…]',
    most: Infinity,
  },
};

const chosen = (projects) => (projects.length > 0 ? [`--projects=${projects.join(',')}`] : []);

/** What an exit code means, for every command. */
export const exitCodes = {
  0: 'success',
  1: 'what was checked does not hold, or the command failed',
  2: 'invalid arguments or environment; nothing was done',
};

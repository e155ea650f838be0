/**
 * How each command is tried as the first one in a fresh clone (`npm run test:commands`): with no arguments, and with some
 * where none are refused.
 *
 * `code`: it ends by itself, with that exit code. `until`: it has got as far as its work and is ended. `says`: part of its
 * output, which never shows a stack. `makes`: a file that is there afterwards. `environment`: keeps it from what takes long.
 */

const isUp = /^Bulkhead is up at /m;
const freePorts = { PORT: '0', ADMIN_PORT: '0' };

export const firstRuns = {
  start: [{ environment: freePorts, until: isUp }],
  services: [
    { environment: freePorts, until: isUp },
    { args: ['order'], code: 2, says: /have never run here/, makes: 'dist/apps/order/main.js' },
  ],
  story: [{ environment: { PORT: '0' }, until: /^Both shops are up/m }],
  learn: [
    { code: 2, says: /Missing argument/ },
    { args: ['1'], code: 1, says: /^missing {2}No shop has run here yet/m },
    { args: ['9'], code: 2, says: /^There is no step 9; there are 1 to 8\.$/m },
  ],
  test: [{ until: /\bPASS\b/ }],
  build: [{ code: 0 }],
  generate: [{ code: 0 }],
  contracts: [{ code: 0, says: /^Nothing has changed\.$/m }],
  'client:types': [{ code: 0 }],
  'lint:api': [{ until: /^Installing the linters /m }],
  migrate: [{ code: 2, says: /No shop has run here/ }],
  migration: [
    { code: 2, says: /Missing argument/ },
    { args: ['--check', 'order'], code: 0 },
  ],
  provision: [
    { code: 2, says: /POSTGRES_ADMIN_URL/ },
    { args: ['--print'], code: 0, says: /create role "order_owner"/ },
  ],
  lint: [{ code: 0 }],
  format: [{ code: 0 }],
  types: [{ code: 0 }],
  check: [{ until: /^> lint$/m }],
  deadletters: [
    { code: 2, says: /Missing argument/ },
    { args: ['list'], code: 2, says: /RABBITMQ_URL/ },
  ],
  orders: [
    { code: 2, says: /Missing argument/ },
    { args: ['stuck'], code: 2, says: /DATABASE_URL/ },
  ],
  acceptance: [
    { code: 2, says: /Missing argument/ },
    { args: ['http://127.0.0.1:65531'], code: 69, says: /^No shop responds at / },
  ],
  bench: [{ until: /^A service: .* …$/m }],
  experiment: [
    { code: 2, says: /Missing argument/ },
    { args: ['list'], code: 0, says: /^payment-slow /m },
  ],
  load: [
    { code: 2, says: /Missing argument/ },
    { args: ['browse', '--url', 'http://127.0.0.1:1'], code: 69 },
  ],
  capacity: [{ until: /^warming up …$/m }, { args: ['--model'], code: 0 }],
  'docs:metrics': [{ code: 0 }],
  'docs:site': [
    { until: /^Installing the generator of the site/m },
    { environment: { DOCS_BASE: 'docs' }, code: 2, says: /must begin and end with/ },
  ],
  reconcile: [{ code: 1, says: /^No shop has run in \.bulkhead/m }],
  invariants: [{ code: 1, says: /^No shop has run in \.bulkhead/m }],
  chaos: [{ until: /s without faults …$/m }, { args: ['--plan'], code: 0 }],
  explore: [{ args: ['--histories', '5', '--lanes', '1'], code: 0 }],
  charts: [{ code: 0 }, { args: ['--check'], code: 0 }],
  dashboards: [{ code: 0 }],
  sbom: [{ code: 0, says: /"spdxVersion"/ }],
  skaffold: [{ code: 2, says: /Missing argument/ }],
  images: [{ environment: { CONTAINER_TOOL: 'none' }, code: 1, says: /it must be docker or buildah/ }],
  'test:api': [{ until: /^Installing Schemathesis |module venv is needed/m }],
  'test:clients': [
    { args: ['cobol'], code: 2, says: /^Unknown client cobol; there are: bulkhead-client, /m },
    { args: ['python'], until: /^Installing the linters |module venv is needed/m },
  ],
  'test:charts': [{ until: /\bPASS\b|is not on the PATH/ }],
  'test:chaos': [{ until: /s without faults …$/m }],
  'test:cluster': [{ environment: { KUBECONFIG: '/nowhere' }, code: 69, says: /reaches no cluster/ }],
  'test:nodes': [{ environment: { KUBECONFIG: '/nowhere' }, code: 69, says: /reaches no cluster/ }],
  'test:observability': [{ environment: { KUBECONFIG: '/nowhere' }, code: 69, says: /reaches no cluster/ }],
  // Would run all of this in all of this.
  'test:commands': [{ args: ['no-such-command'], code: 2, says: /Unknown command/ }],
  'test:dashboards': [{ environment: { PROMETHEUS: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'test:experiments': [{ until: /^payment-slow: /m }],
  'test:learn': [{ until: /1: the check fails before$/m }],
  'test:mutants': [{ until: /^ok /m }],
  'test:traces': [{ environment: { OTELCOL: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'test:majority': [{ until: /\bPASS\b|rabbitmq-server is needed/ }],
  'test:oldest': [{ environment: { POSTGRES_BIN: '/nowhere' }, code: 69, says: /is not there/ }],
  'test:pooler': [{ environment: { PGBOUNCER: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'test:watch': [{ until: /The shop comes up$/m }],
  'test:generator': [{ until: / s {2}a service is generated$/m }],
  create: [
    { code: 2, says: /Missing argument/ },
    { args: ['../a-shop', '--dry-run'], code: 0, says: /^a-shop, with packages in @a-shop/m },
  ],
  'test:create': [{ until: / s {2}a shop is made$/m }],
  'test:restore': [
    { environment: { POSTGRES_BIN: '' }, until: /passed, 0 failed|PostgreSQL with its tools is needed/ },
  ],
  'test:rotation': [{ until: /^ok {2}passwords of the databases/m }],
  'test:storefront': [{ environment: { CHROMIUM: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'test:lighthouse': [{ environment: { CHROMIUM: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'test:story': [{ environment: { CHROMIUM: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'test:stripe': [{ environment: { STRIPE_MOCK: '/nowhere' }, code: 69, says: /cannot be run/ }],
  'verify:full': [{ until: /^> types$/m }],
};

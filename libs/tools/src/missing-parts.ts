import { internalApis, publicApis } from '@bulkhead/contracts/apis';
import { events } from '@bulkhead/contracts/events';

/** The input: the files of the workspace, and the service's declaration. */
export interface Parts {
  /** @returns the text of a file, or undefined if it does not exist */
  read(file: string): string | undefined;
  /** @returns paths of all files under a folder */
  list(folder: string): readonly string[];
}

export interface Declared {
  readonly name: string;
  readonly holdsPeople: boolean;
}

/** The gateway forwards requests and stores nothing; profile asks others, and erases its own data. */
const keepsNothing = 'gateway';
const asksOthers = 'profile';

/**
 * Parts that a service declared in libs/contracts/src/services.ts still lacks.
 * @returns one sentence per part, with a remedy
 */
export function missingParts({ name, holdsPeople }: Declared, parts: Parts): string[] {
  return [
    ...missingInApp(name, parts),
    ...missingInContracts(name),
    ...(name === keepsNothing ? [] : missingInDatabase(name, parts)),
    ...missingForPeople(name, holdsPeople, parts),
    ...missingInDelivery(name, parts),
    ...missingInOperations(name, parts),
  ];
}

/** Sentences whose condition does not hold. */
const unless = (...checks: readonly (readonly [holds: boolean, sentence: string])[]): string[] =>
  checks.filter(([holds]) => !holds).map(([, sentence]) => sentence);

function missingInApp(name: string, { read, list }: Parts): string[] {
  const app = `apps/${name}`;
  const project = read(`${app}/project.json`) ?? '';
  return unless(
    [read(`${app}/src/app.ts`) !== undefined, `${app}/src/app.ts is missing: define the service there.`],
    [
      read(`${app}/src/main.ts`) !== undefined,
      `${app}/src/main.ts is missing: it runs the service as a process of its own.`,
    ],
    [
      project.includes('"kind:service"'),
      `${app}/project.json lacks the tag kind:service, by which tests and builds know services.`,
    ],
    [
      project.includes(`"scope:${name}"`) && project.includes('"type:app"'),
      `${app}/project.json lacks the tags scope:${name} and type:app, by which lint keeps apps apart.`,
    ],
    [
      read(`${app}/jest.config.cjs`) !== undefined && list(app).some((file) => file.endsWith('.test.ts')),
      `${app} has no tests that jest finds: it needs jest.config.cjs and a file *.test.ts.`,
    ],
    [
      (read('apps/monolith/src/definitions.ts') ?? '').includes(`@bulkhead/app/${name}/src/app'`),
      `apps/monolith/src/definitions.ts does not name ${name}, so that npm start leaves it out.`,
    ],
  );
}

function missingInContracts(name: string): string[] {
  const promises = Object.hasOwn(publicApis, name) || Object.hasOwn(internalApis, name);
  return unless([
    promises || name === keepsNothing,
    `libs/contracts/src/apis.ts does not name ${name}, so that nobody can call it.`,
  ]);
}

function missingInDatabase(name: string, { read, list }: Parts): string[] {
  const folder = `apps/${name}/prisma`;
  const schema = read(`${folder}/schema.prisma`) ?? '';
  const migrations = list(`${folder}/migrations`)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => read(file))
    .join('\n');
  const models = (read('libs/messaging/sql/messaging-models.prisma') ?? '').trim();
  const tables = ['outbox', 'inbox', 'delivery', 'dead_letter'];
  return unless(
    [
      schema.includes(models),
      `${folder}/schema.prisma lacks the models of libs/messaging/sql/messaging-models.prisma.`,
    ],
    [
      tables.every((table) => migrations.includes(`CREATE TABLE "${table}"`)),
      `The migrations of ${name} lack the tables of messaging: its first one begins with libs/messaging/sql/1-tables.sql.`,
    ],
    [
      ['claim_outbox', 'outbox_state'].every((each) => migrations.includes(`CREATE FUNCTION "${each}"`)),
      `The migrations of ${name} lack the functions by which its outbox is read: npm run migration adds libs/messaging/sql/2-outbox-functions.sql.`,
    ],
  );
}

function missingForPeople(name: string, holdsPeople: boolean, { read, list }: Parts): string[] {
  const schema = read(`apps/${name}/prisma/schema.prisma`) ?? '';
  const keepsUsers = /@map\("(user|account|buyer|customer)_id"\)/.test(schema);
  if (!holdsPeople)
    return unless([
      !keepsUsers || name === asksOthers,
      `${name} keeps ids of users: declare holdsPeople in libs/contracts/src/services.ts, and take part in export and erasure.`,
    ]);
  const code = list(`apps/${name}/src`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => read(file))
    .join('\n');
  const internal: Readonly<Record<string, object>> = internalApis;
  return unless(
    [
      Object.hasOwn(internal[name] ?? {}, 'exportUser'),
      `${name} holds something of people, but promises no exportUser, by which profile asks for it.`,
    ],
    [
      code.includes('confirmErasure('),
      `${name} holds something of people, but does not hear erasures: handle subscriptions.${name}Erasure, wrapped in confirmErasure.`,
    ],
    [
      code.includes(`erased.${name}`),
      `${name} never tells profile that it has erased a person: send erased.${name}, or no erasure ends.`,
    ],
  );
}

function missingInDelivery(name: string, { read, list }: Parts): string[] {
  return unless(
    [
      ['Chart.yaml', 'values.yaml', 'values.schema.json', 'README.md', 'templates/all.yaml'].every(
        (file) => read(`charts/${name}/${file}`) !== undefined,
      ) &&
        list('charts/bulkhead/charts').includes(`charts/bulkhead/charts/${name}`) &&
        (read('charts/bulkhead/Chart.yaml') ?? '').includes(`name: ${name}\n`),
      `${name} has no chart, or the umbrella does not know it: run npm run charts.`,
    ],
    [
      (read('skaffold.yaml') ?? '').includes(`chartPath: charts/${name}\n`),
      `skaffold.yaml has no module ${name}: run npm run charts.`,
    ],
    [
      new RegExp(`^${name}:\\n`, 'm').test(read('charts/bulkhead/values-production.yaml') ?? ''),
      `charts/bulkhead/values-production.yaml says nothing of ${name}, which would run as one pod without a disruption budget.`,
    ],
  );
}

function missingInOperations(name: string, { read }: Parts): string[] {
  const sends = [...events.values()].some(({ source }) => source === name);
  const documented = (file: string) => new RegExp(`\\b${name}\\b`).test(read(file) ?? '');
  return unless(
    [
      [`k8s/dashboards/service-${name}.json`, `charts/bulkhead/files/dashboards/service-${name}.json`].every(
        (file) => read(file) !== undefined,
      ) && (read('k8s/dashboards/kustomization.yaml') ?? '').includes(`service-${name}.json`),
      `${name} has no dashboard: run npm run dashboards, then npm run charts.`,
    ],
    [
      (read('k8s/alerts/symptoms.yaml') ?? '').includes(`service="${name}"})`),
      `No alert says that ${name} is absent: run npm run dashboards.`,
    ],
    [documented('docs/metrics.md'), `docs/metrics.md knows no metric of ${name}: run npm run docs:metrics.`],
    [
      !sends || documented('docs/events.md'),
      `docs/events.md knows no event of ${name}: run npm run contracts.`,
    ],
    [
      new RegExp(`^\\| ${name} +\\|`, 'm').test(read('README.md') ?? ''),
      `README.md does not say what ${name} owns: add it to the table of services.`,
    ],
  );
}

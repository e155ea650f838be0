import { readdirSync } from 'node:fs';
import path from 'node:path';
import { serviceNames, services } from '@bulkhead/contracts/services';
import { missingParts, type Parts } from './missing-parts';
import { partsIn } from './parts-in';

const root = path.join(__dirname, '../../..');

const workspace = partsIn(root);

test.each(serviceNames)('%s has everything that a service needs', (name) => {
  expect(missingParts({ name, ...services[name] }, workspace)).toEqual([]);
});

test('every app that is tagged as a service is declared as one', () => {
  const tagged = readdirSync(path.join(root, 'apps')).filter((app) =>
    workspace.read(`apps/${app}/project.json`)?.includes('"kind:service"'),
  );
  expect(tagged).toEqual(serviceNames.toSorted());
});

test('of a service that was only declared, everything is named that is missing', () => {
  expect(missingParts({ name: 'nonesuch', holdsPeople: true }, workspace)).toEqual([
    'apps/nonesuch/src/app.ts is missing: define the service there.',
    'apps/nonesuch/src/main.ts is missing: it runs the service as a process of its own.',
    'apps/nonesuch/project.json lacks the tag kind:service, by which tests and builds know services.',
    'apps/nonesuch/project.json lacks the tags scope:nonesuch and type:app, by which lint keeps apps apart.',
    'apps/nonesuch has no tests that jest finds: it needs jest.config.cjs and a file *.test.ts.',
    'apps/monolith/src/definitions.ts does not name nonesuch, so that npm start leaves it out.',
    'libs/contracts/src/apis.ts does not name nonesuch, so that nobody can call it.',
    'apps/nonesuch/prisma/schema.prisma lacks the models of libs/messaging/sql/messaging-models.prisma.',
    'The migrations of nonesuch lack the tables of messaging: its first one begins with libs/messaging/sql/1-tables.sql.',
    'The migrations of nonesuch lack the functions by which its outbox is read: npm run migration adds libs/messaging/sql/2-outbox-functions.sql.',
    'nonesuch holds something of people, but promises no exportUser, by which profile asks for it.',
    'nonesuch holds something of people, but does not hear erasures: handle subscriptions.nonesuchErasure, wrapped in confirmErasure.',
    'nonesuch never tells profile that it has erased a person: send erased.nonesuch, or no erasure ends.',
    'nonesuch has no chart, or the umbrella does not know it: run npm run charts.',
    'skaffold.yaml has no module nonesuch: run npm run charts.',
    'charts/bulkhead/values-production.yaml says nothing of nonesuch, which would run as one pod without a disruption budget.',
    'nonesuch has no dashboard: run npm run dashboards, then npm run charts.',
    'No alert says that nonesuch is absent: run npm run dashboards.',
    'docs/metrics.md knows no metric of nonesuch: run npm run docs:metrics.',
    'README.md does not say what nonesuch owns: add it to the table of services.',
  ]);
});

test('a service that keeps ids of users takes part in export and erasure', () => {
  const schema = 'model Wish {\n  userId String @map("user_id") @db.Uuid\n}\n';
  const parts: Parts = {
    ...workspace,
    read: (file) => (file === 'apps/search/prisma/schema.prisma' ? schema : workspace.read(file)),
  };
  expect(missingParts({ name: 'search', holdsPeople: false }, parts)).toContain(
    'search keeps ids of users: declare holdsPeople in libs/contracts/src/services.ts, and take part in export and erasure.',
  );
});

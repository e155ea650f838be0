import path from 'node:path';
import { serviceNames } from '@bulkhead/contracts/services';
import type { Parts } from '../missing-parts';
import { partsIn } from '../parts-in';
import { obstaclesTo } from './obstacles';

const workspace = partsIn(path.join(__dirname, '../../../..'));

/** The workspace with another text in one file. */
const having = (file: string, change: (text: string) => string): Parts => ({
  ...workspace,
  read: (name) => {
    const text = workspace.read(name);
    return name === file ? change(text ?? '') : text;
  },
});

test.each(serviceNames.filter((name) => name !== 'gateway'))('nothing keeps %s in the monolith', (name) => {
  expect(obstaclesTo(name, workspace)).toEqual([]);
});

test.each(['order', 'payment'])('%s stays where code of one imports the other', (service) => {
  const file = 'apps/payment/src/app.ts';
  const parts = having(
    file,
    (text) => `import { orderService } from '@bulkhead/app/order/src/app';\n${text}`,
  );
  expect(obstaclesTo(service, parts)).toEqual([
    `${file} imports code of order; move it into a library, or have payment call order by its contract.`,
  ]);
});

test('a service without a database of its own stays', () => {
  const file = 'apps/payment/src/app.ts';
  const parts = having(file, (text) => text.replace('database: true', 'database: false'));
  expect(obstaclesTo('payment', parts)).toEqual([
    `${file} declares no database of its own (database: true), and payment may not read another one's.`,
  ]);
});

test('a service that lacks something every service has stays until it is there', () => {
  const parts = having('skaffold.yaml', () => '');
  expect(obstaclesTo('payment', parts)).toEqual(['skaffold.yaml has no module payment: run npm run charts.']);
  expect(obstaclesTo('nonesuch', workspace)).toEqual([
    'libs/contracts/src/services.ts does not declare nonesuch.',
  ]);
});

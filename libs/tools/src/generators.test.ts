import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Linter } from 'eslint';
import { parser, plugin } from 'typescript-eslint';
import { isServiceName, leftOut, serviceNames } from '@bulkhead/contracts/services';

const isPresent = (name: string) => isServiceName(name) && !Object.hasOwn(leftOut, name);

interface Change {
  readonly type: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly path: string;
  readonly text?: string;
}

type Call = readonly [generator: string, options: object];

/** Each list of calls by itself, in one process. Nothing is written to the work tree. */
const runAll = (lists: readonly (readonly Call[])[]): unknown[] =>
  JSON.parse(
    execFileSync(process.execPath, [path.join(__dirname, 'testing/in-memory.cjs'), JSON.stringify(lists)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    }),
  ) as unknown[];
const run = (...calls: readonly Call[]): unknown => runAll([calls])[0];
const changesOf = (...calls: readonly Call[]) => run(...calls) as Change[];
const pathsOf = (changes: readonly Change[], type: Change['type']) =>
  changes
    .filter((change) => change.type === type)
    .map((change) => change.path)
    .toSorted();

test('a service is a small app, its contract, and a line in each of the few lists', () => {
  const changes = changesOf(['service', { name: 'nonesuch', resource: 'wish', about: 'Wishes of people' }]);
  expect(pathsOf(changes, 'CREATE').filter((file) => !file.includes('/migrations/'))).toEqual([
    'apps/nonesuch/jest.config.cjs',
    'apps/nonesuch/prisma/schema.prisma',
    'apps/nonesuch/project.json',
    'apps/nonesuch/src/app.ts',
    'apps/nonesuch/src/database.ts',
    'apps/nonesuch/src/erasure/erasure.ts',
    'apps/nonesuch/src/erasure/lock-user.ts',
    'apps/nonesuch/src/events/order-confirmed.ts',
    'apps/nonesuch/src/export/export-person.ts',
    'apps/nonesuch/src/http/operations.ts',
    'apps/nonesuch/src/main.ts',
    'apps/nonesuch/src/nonesuch.test.ts',
    'apps/nonesuch/src/wishes/create-wish.ts',
    'apps/nonesuch/src/wishes/get-wish.ts',
    'apps/nonesuch/src/wishes/list-wishes.ts',
    'libs/contracts/src/nonesuch/api.ts',
    'libs/contracts/src/nonesuch/events.ts',
  ]);
  expect(pathsOf(changes, 'UPDATE')).toEqual([
    'README.md',
    'apps/monolith/src/definitions.ts',
    'charts/bulkhead/values-production.yaml',
    'libs/contracts/src/apis.ts',
    'libs/contracts/src/events.ts',
    'libs/contracts/src/openapi.ts',
    'libs/contracts/src/services.ts',
    'libs/contracts/src/subscriptions.ts',
  ]);
  expect(changes.find((change) => change.path === 'libs/contracts/src/services.ts')?.text).toContain(
    "  nonesuch: { about: 'Wishes of people', holdsPeople: true },\n",
  );
}, 60_000);

test('one that holds nothing of people has no part in export and erasure', () => {
  const changes = changesOf(['service', { name: 'nonesuch', holdsPeople: false }]);
  expect(pathsOf(changes, 'CREATE').filter((file) => /erasure|export/.test(file))).toEqual([]);
  for (const { type, text } of changes) if (type === 'CREATE') expect(text).not.toMatch(/<%|user\.id|erased/);
}, 60_000);

const wish = { service: 'nonesuch', name: 'grantWish', path: '/api/v1/wishes/{wishId}/grant' };
const textOf = (changes: readonly Change[], file: string) =>
  changes.find((change) => change.path === file)?.text ?? '';

test('an endpoint is an entry of the contract, a handler that the service has, and a test', () => {
  const endpoint = { service: 'profile', name: 'grantWish', method: 'put', path: '/api/v1/wishes/{wishId}' };
  const changes = changesOf(['endpoint', endpoint]);
  expect(pathsOf(changes, 'CREATE')).toEqual([
    'apps/profile/src/http/grant-wish.test.ts',
    'apps/profile/src/http/grant-wish.ts',
  ]);
  expect(pathsOf(changes, 'UPDATE')).toEqual([
    'apps/profile/src/app.ts',
    'libs/contracts/src/profile/api.ts',
  ]);
  const contract = textOf(changes, 'libs/contracts/src/profile/api.ts');
  expect(contract).toContain("import { Id, text, Timestamp, list } from '../primitives';");
  expect(contract).toContain(
    "    operationId: 'grantWish',\n    method: 'put',\n    path: '/api/v1/wishes/{wishId}',",
  );
  const app = textOf(changes, 'apps/profile/src/app.ts');
  expect(app).toContain("import { grantWish } from './http/grant-wish';");
  expect(app).toContain('operations: [...profileOperations(service), grantWish],');
}, 60_000);

test('an endpoint says who may call it', () => {
  const callers = 'order, payment';
  const internal = { path: '/internal/wishes/{wishId}', internal: true, callers };
  const results = runAll(
    [{ public: true }, {}, internal].map((options) => [
      ['endpoint', { ...wish, service: 'profile', ...options }],
    ]),
  ) as Change[][];
  const found = results.map((changes) =>
    /operationId: 'grantWish',[^]*? access: (\{.*\}),/.exec(
      textOf(changes, 'libs/contracts/src/profile/api.ts'),
    ),
  );
  expect(found.map((match) => match?.[1])).toEqual([
    "{ kind: 'public' }",
    "{ kind: 'user' }",
    "{ kind: 'service', callers: ['order', 'payment'] }",
  ]);
}, 60_000);

test('an event is a part of the contract, and a function that puts it into the outbox', () => {
  const event = { service: 'product', name: 'gift-card.sent', about: 'A gift card left the house' };
  const changes = changesOf(['event', event]);
  expect(pathsOf(changes, 'CREATE')).toEqual([
    'apps/product/src/events/tell-gift-card-sent.test.ts',
    'apps/product/src/events/tell-gift-card-sent.ts',
  ]);
  expect(pathsOf(changes, 'UPDATE')).toEqual(['libs/contracts/src/product/events.ts']);
  expect(textOf(changes, 'libs/contracts/src/product/events.ts')).toMatch(
    /export const giftCardSent = defineEvent\(\{\n  type: 'gift-card\.sent\.v1',\n  source: 'product',\n  description: 'A gift card left the house\.',\n  data: z\.object\(\{ giftCardId: Id \}\),\n\}\);\n$/,
  );
}, 60_000);

test('the first event of a service joins the catalogue', () => {
  // A shop may do without either.
  for (const service of ['search', 'notification'].filter(isPresent)) {
    const changes = changesOf(['event', { service, name: 'wish.granted' }]);
    expect(pathsOf(changes, 'CREATE')).toContain(`libs/contracts/src/${service}/events.ts`);
    expect(textOf(changes, 'libs/contracts/src/events.ts')).toContain(
      `import * as ${service} from './${service}/events';`,
    );
  }
}, 60_000);

test('a consumer is a subscription, and a handler that the service has', () => {
  const changes = changesOf(['consumer', { service: 'product', event: 'order.cancelled' }]);
  expect(pathsOf(changes, 'CREATE')).toEqual([
    'apps/product/src/events/order-cancelled.test.ts',
    'apps/product/src/events/order-cancelled.ts',
  ]);
  expect(pathsOf(changes, 'UPDATE')).toEqual([
    'apps/product/src/app.ts',
    'libs/contracts/src/subscriptions.ts',
  ]);
  expect(textOf(changes, 'apps/product/src/app.ts')).toContain(
    'subscriptions: [orderCancelledSubscription(dependencies)],',
  );
  expect(textOf(changes, 'libs/contracts/src/subscriptions.ts')).toContain(
    "  productOrderCancelled: defineSubscription({\n    group: 'product.order-cancelled',\n    service: 'product',\n    events: [order.orderCancelled],\n  }),\n",
  );
}, 60_000);

test('what was generated is removed without a trace', () => {
  const about = 'A text that is so long that the table in README has to become a good deal wider for it';
  expect(changesOf(['service', { name: 'nonesuch', about }], ['remove', { name: 'nonesuch' }])).toEqual([]);
}, 60_000);

test('what was added to a service is removed without a trace', () => {
  // One of each kind: operations that are no list, no subscriptions yet, no events yet.
  const kinds = ['profile', 'product', 'search'].filter(isPresent);
  const addedAndRemoved = (service: string): Call[] => [
    ['endpoint', { ...wish, service }],
    ['endpoint', { ...wish, service, name: 'refuseWish', method: 'post' }],
    ['event', { service, name: 'wish.granted' }],
    ['consumer', { service, event: 'order.cancelled' }],
    ['remove', { name: service, endpoint: 'grantWish' }],
    ['remove', { name: service, event: 'wish.granted.v1' }],
    ['remove', { name: service, consumer: 'order.cancelled' }],
    ['remove', { name: service, endpoint: 'refuseWish' }],
  ];
  expect(runAll(kinds.map(addedAndRemoved))).toEqual(kinds.map(() => []));
}, 120_000);

test('what others hear is not removed, and their consumers leave nothing behind', () => {
  const heard: Call[] = [
    ['service', { name: 'nonesuch' }],
    ['event', { service: 'nonesuch', name: 'wish.granted' }],
    ['consumer', { service: 'product', event: 'wish.granted' }],
  ];
  const [event, service, all] = runAll([
    [...heard, ['remove', { name: 'nonesuch', event: 'wish.granted' }]],
    [...heard, ['remove', { name: 'nonesuch' }]],
    [
      ...heard,
      ['endpoint', wish],
      ['consumer', { service: 'nonesuch', event: 'order.cancelled' }],
      ['remove', { name: 'product', consumer: 'wish.granted' }],
      ['remove', { name: 'nonesuch' }],
    ],
  ]);
  expect(event).toMatchObject({
    refused: 'Somebody hears wish.granted.v1; remove it from libs/contracts/src/subscriptions.ts first.',
  });
  expect(service).toMatchObject({
    refused:
      'Others hear events of nonesuch, by productWishGranted in libs/contracts/src/subscriptions.ts; remove these first.',
  });
  expect(all).toEqual([]);
}, 120_000);

const refusals: readonly (readonly [generator: string, options: object, refused: string])[] = [
  ['service', { name: 'order' }, 'There is already apps/order.'],
  [
    'service',
    { name: 'Shipping' },
    'A service\'s name is 2–20 lower-case letters, as it names hosts, queues and variables; "Shipping" is not.',
  ],
  ['service', { name: 'infra' }, 'A service cannot be called infra.'],
  [
    'service',
    { name: 'nonesuch', resource: 'two words' },
    'What the service keeps is named by 2–20 lower-case letters; "two words" is not.',
  ],
  [
    'service',
    { name: 'nonesuch', about: 'Wishes' },
    'What the service is for takes 10 characters or more, as the API document says it; "Wishes" is too short.',
  ],
  [
    'endpoint',
    wish,
    `There is no service nonesuch; there are: ${serviceNames.filter((name) => name !== 'gateway').join(', ')}.`,
  ],
  [
    'endpoint',
    { ...wish, service: 'order', name: 'Grant' },
    'An operation\'s name is 3–40 letters and digits and begins with a lower-case letter, as trackShipment; "Grant" is not.',
  ],
  [
    'endpoint',
    { ...wish, service: 'order', name: 'placeOrder' },
    'There is already an operation placeOrder in libs/contracts/src/order/api.ts.',
  ],
  [
    'endpoint',
    { ...wish, service: 'order', path: '/wishes' },
    'The path begins with /api/v1/ and consists of lower-case words and parameters, as /api/v1/shipments/{shipmentId}; "/wishes" does not.',
  ],
  [
    'endpoint',
    { ...wish, service: 'profile', path: '/api/v1/orders/first' },
    'A request could mean both /api/v1/orders/first and /api/v1/orders/{orderId} (GET, getOrder).',
  ],
  [
    'endpoint',
    { ...wish, service: 'order', public: true, internal: true },
    'An endpoint is for everybody (--public) or for other services (--internal), not both.',
  ],
  [
    'endpoint',
    { ...wish, service: 'order', path: '/internal/wishes', internal: true },
    'Say which services may call it, as --callers order,payment.',
  ],
  [
    'event',
    { service: 'order', name: 'wishGranted' },
    'An event is called <aggregate>.<past tense> in lower-case letters, as shipment.sent; "wishGranted" is not.',
  ],
  [
    'event',
    { service: 'product', name: 'order.placed' },
    'There is already an event order.placed.v1, which order sends.',
  ],
  [
    'consumer',
    { service: 'inventory', event: 'product.created' },
    'inventory already hears product.created.v1, by inventoryCatalog in libs/contracts/src/subscriptions.ts.',
  ],
  ['remove', { name: 'order', endpoint: 'grantWish' }, 'order has no operation grantWish.'],
  [
    'remove',
    { name: 'order', endpoint: 'placeOrder' },
    'apps/order/src/http/place-order.ts is missing: only what the generator added is removed by it.',
  ],
  ['remove', { name: 'order', event: 'wish.granted' }, 'order sends no event wish.granted.v1.'],
  [
    'remove',
    { name: 'order', consumer: 'wish.granted' },
    'order has no consumer of wish.granted that the generator added.',
  ],
  [
    'extract',
    { service: 'gateway' },
    'The gateway stays in the monolith: it is the door through which all others are reached.',
  ],
  [
    'extract',
    { service: 'nonesuch' },
    `There is no service nonesuch; there are: ${serviceNames.filter((name) => name !== 'gateway').join(', ')}.`,
  ],
  [
    'remove',
    { name: 'order', event: 'order.placed', endpoint: 'placeOrder' },
    'Remove one thing at a time: --endpoint, --event or --consumer.',
  ],
];

const declaration = 'apps/monolith/extracted.json';

test('a service is extracted, and taken back, by one declaration', () => {
  const [one, two, back] = runAll([
    [['extract', { service: 'payment' }]],
    [
      ['extract', { service: 'payment' }],
      ['extract', { service: 'inventory' }],
    ],
    [
      ['extract', { service: 'payment' }],
      ['extract', { service: 'payment', back: true }],
    ],
  ]) as Change[][];
  expect(one).toEqual([{ type: 'UPDATE', path: declaration, text: '{ "services": ["payment"] }\n' }]);
  expect(textOf(two!, declaration)).toBe('{ "services": ["inventory", "payment"] }\n');
  expect(back).toEqual([]);
}, 60_000);

test('a service that was extracted is not extracted again, nor back twice', () => {
  const [again, twice] = runAll([
    [
      ['extract', { service: 'payment' }],
      ['extract', { service: 'payment' }],
    ],
    [
      ['extract', { service: 'order' }],
      ['extract', { service: 'payment', back: true }],
    ],
  ]);
  expect(again).toMatchObject({
    refused: `payment is a process of its own already, as ${declaration} says.`,
  });
  expect(twice).toMatchObject({
    refused: 'payment is a part of the monolith; processes of their own are: order.',
  });
}, 60_000);

test('what cannot be is refused in a sentence, and nothing is generated', () => {
  const results = runAll(refusals.map(([generator, options]) => [[generator, options]]));
  expect(results).toEqual(refusals.map(([, , refused]) => ({ refused, changes: 0 })));
}, 60_000);

const workspace = path.join(__dirname, '../../..');
const navigation = 'tools/docs-site/pages.mjs';

/** What pages, and the chapters of the documentation, still say of removed files: `page: file`. */
function leadingNowhere(changes: readonly Change[]): string[] {
  const removed = pathsOf(changes, 'DELETE');
  const isRemoved = (file: string) => removed.some((each) => file === each || file.startsWith(`${each}/`));
  const textOf = (file: string) =>
    changes.find((change) => change.path === file)?.text ?? readFileSync(path.join(workspace, file), 'utf8');
  const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: workspace, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && !isRemoved(file));
  const links = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)#\s]+)/g)].map(
      ([, target]) => [page, path.posix.join(path.posix.dirname(page), target!)] as const,
    ),
  );
  const chapters = [...textOf(navigation).matchAll(/'([^']+\.md)'/g)].map(
    ([, page]) => [navigation, page!] as const,
  );
  return [...links, ...chapters]
    .filter(([, file]) => isRemoved(file))
    .map(([page, file]) => `${page}: ${file}`);
}

/** Names in changed files that nothing uses: `file:line name`. */
function unusedNames(changes: readonly Change[]): string[] {
  const linter = new Linter();
  const config = {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parser },
    plugins: { '@typescript-eslint': plugin },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  } satisfies Linter.Config;
  return changes
    .filter((change) => /\.tsx?$/.test(change.path))
    .flatMap(({ path: filename, text = '' }) =>
      linter
        .verify(text, config, { filename })
        .filter(({ ruleId }) => ruleId === '@typescript-eslint/no-unused-vars')
        .map(({ line, message }) => `${filename}:${line} ${message}`),
    );
}

test('what the shop can do without is removed with its pages, runbooks and tests', () => {
  // A shop that was made without one of them lacks it here, too.
  const present = ['search', 'notification'].filter(isPresent);
  for (const name of [...present, present.join(',')].filter((names) => names !== '')) {
    const extracted = name.split(',').map((service): Call => ['extract', { service }]);
    const changes = changesOf(...extracted, ['remove', { name }]);
    expect(leadingNowhere(changes)).toEqual([]);
    // What is gone is no process either.
    expect(changes.map((change) => change.path)).not.toContain(declaration);
    const touched = changes.filter(({ type }) => type === 'UPDATE');
    expect(unusedNames(touched)).toEqual([]);
    for (const service of name.split(',')) {
      expect(touched.map(({ text }) => text).join('\n')).not.toMatch(
        new RegExp(`(app|contracts)/${service}/`),
      );
      expect(pathsOf(changes, 'DELETE')).toContain(`apps/${service}`);
      const declared = changes.find((change) => change.path === 'libs/contracts/src/services.ts')?.text;
      expect(declared).toMatch(new RegExp(`export const leftOut = \\{[^}]*\\b${service}: true`));
    }
  }
}, 120_000);

test('a service without which there is no shop cannot be removed', () => {
  expect(run(['remove', { name: 'order' }])).toEqual({
    refused:
      "order cannot be removed: a shop without orders is none. Of the shop's own services these can be: notification, search.",
    changes: 0,
  });
});

test('a service that there is not cannot be removed', () => {
  const { refused } = run(['remove', { name: 'nonesuch' }]) as { refused: string };
  expect(refused).toMatch(/^There is no service nonesuch; there are: gateway, auth, /);
});

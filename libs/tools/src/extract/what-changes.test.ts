import path from 'node:path';
import { serviceNames } from '@bulkhead/contracts/services';
import { partsIn } from '../parts-in';
import { callsIn } from './calls';
import { whatChanges, whatChangesBack } from './what-changes';

const parts = partsIn(path.join(__dirname, '../../../..'));
const told = (service: string, { others = [] as string[], requiredVariables = [] as string[] } = {}) =>
  whatChanges({ service, others, parts, requestDeadlineMs: 10_000, requiredVariables });

/** The lines under a title. */
const under = (title: string, text: string) =>
  text
    .split(`\n${title}\n`)[1]!
    .split('\n\n')[0]!
    .split('\n')
    .map((line) => line.trim());

test('the calls are those to the peers that each service names', () => {
  const written = serviceNames.flatMap((caller) => {
    const list = /^ {2}peers: \[([^\]]*)\],$/m.exec(parts.read(`apps/${caller}/src/app.ts`) ?? '')?.[1];
    return list === undefined ? [] : [[caller, list.match(/\w+/g) ?? []] as const];
  });
  const calls = callsIn(parts);
  expect(written.map(([caller]) => caller)).toEqual(expect.arrayContaining(['auth', 'order', 'product']));
  for (const [caller, peers] of written)
    expect({
      caller,
      peers: calls
        .filter((each) => each.caller === caller)
        .map(({ peer }) => peer)
        .toSorted(),
    }).toEqual({ caller, peers: peers.toSorted() });
});

test('calls of both directions are named, and whether they are repeated', () => {
  const lines = under('Calls that become HTTP', told('order'));
  expect(lines[0]).toMatch(
    /^gateway -> order, forwarded: placeOrder, .*streamOrder \(a stream, without a deadline\)/,
  );
  expect(lines).toContain('profile -> order: exportOrders');
  expect(lines).toContain('order -> product: quoteProducts');
  expect(lines).toContain("order -> auth: the keys of users' access tokens");
  expect(under('Calls that become HTTP', told('product'))).toContain('order -> product: quoteProducts');
});

test('a call to a service that is a process already was HTTP before', () => {
  const text = told('order', { others: ['payment', 'auth'] });
  const lines = under('Calls that become HTTP', text);
  expect(lines.filter((line) => /payment|auth/.test(line))).toEqual([]);
  expect(lines).toContain('order -> product: quoteProducts');
  expect(text).toContain('All other events go through it already.');
});

test('policies are listed with their defaults', () => {
  const text = told('payment');
  expect(text).toMatch(/deadline +what is left of the request's 10 s at the gateway \(REQUEST_DEADLINE_MS\)/);
  expect(text).toMatch(/retries +3 attempts in all .* at most 10 % of the calls/);
  expect(text).toMatch(/circuit breaker +opens for 5 s where 50 % of the calls of 10 s failed/);
  expect(text).toMatch(/bulkhead +64 calls to a peer at once, and 64 that wait/);
});

test('events are listed by queue', () => {
  const lines = under('Events that go through RabbitMQ', told('inventory'));
  expect(lines).toContain('to queue inventory.catalog: product.created.v1');
  expect(lines).toContain('from inventory to queue order.reservations: reservation.expired.v1');
});

test('what becomes unavailable with it is listed by route and by caller', () => {
  const text = told('payment');
  const lines = under('While payment is unavailable', text);
  expect(lines[1]).toMatch(/^\/api\/v1\/payments\b.*, \/api\/v1\//);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^order gets PeerUnavailable, then BreakerOpen, for authorisePayment, capturePayment, /,
    ),
  );
});

test('the variables of a separate process are listed', () => {
  const text = told('order', { requiredVariables: ['SMTP_URL'] });
  expect(text).toMatch(
    /its variables +DATABASE_URL, RABBITMQ_URL, SERVICE_IDENTITY_DIR, AUTH_URL, INVENTORY_URL, PAYMENT_URL, PRODUCT_URL, PROFILE_URL, SMTP_URL;/,
  );
  expect(text).toMatch(/its callers +need ORDER_URL: gateway, profile\n/);
  expect(text).toContain('npx nx g @bulkhead/tools:extract order --back');
});

test('after the last service returns, it reports that RabbitMQ is no longer needed', () => {
  expect(whatChangesBack('order', [])).toContain('npm start needs no RabbitMQ');
  expect(whatChangesBack('order', ['payment'])).toContain(
    'Events still go through RabbitMQ, because of payment.',
  );
});

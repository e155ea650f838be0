import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { PaymentState } from '@bulkhead/contracts/payment/api';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { bundleProgram } from '@bulkhead/development/bundle-program';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { type SimulatedProviderServer, startSimulatedProvider } from '../simulated-provider/server';
import { migrationsDir, newId, userId, webhookSecret } from '../testing/payment-world';

const root = path.join(__dirname, '../../../..');

interface PaymentProcess {
  readonly child: ChildProcess;
  readonly died: Promise<NodeJS.Signals | null>;
  ask(method: string, path: string, body?: object): Promise<PaymentState>;
}

describe('a payment process that is killed after the provider acted and before that is recorded', () => {
  let folder: string;
  let testDatabase: TestDatabase;
  let database: PooledDatabase;
  let provider: SimulatedProviderServer;
  const processes: PaymentProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-payment-'));
    await bundleProgram(
      path.join(__dirname, '../testing/crashing-payment.ts'),
      path.join(folder, 'payment.js'),
    );
    testDatabase = await createTestDatabase({ service: 'payment', migrationsDir });
    database = createDatabase({ url: testDatabase.url, applicationName: 'test' });
    provider = await startSimulatedProvider({ port: 0, clock: systemClock, webhookSecret });
  }, 60_000);

  afterAll(async () => {
    for (const { child, died } of processes) {
      child.kill('SIGKILL');
      await died;
    }
    await provider?.stop();
    await database?.close();
    // The sessions of killed processes end when the server notices.
    await eventually(() => testDatabase?.drop().then(() => true));
    await rm(folder, { recursive: true, force: true });
  });

  async function startPayment(crashPoint?: string): Promise<PaymentProcess> {
    const child = spawn(process.execPath, [path.join(folder, 'payment.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        NODE_PATH: path.join(root, 'node_modules'),
        DATABASE_URL: testDatabase.url,
        PAYMENT_PROVIDER_URL: provider.url,
        PAYMENT_WEBHOOK_SECRET: webhookSecret,
        PAYMENT_PROVIDER_TIMEOUT_MS: '2000',
        ...(crashPoint === undefined ? {} : { CRASH_POINT: crashPoint }),
      },
    });
    const died = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (_code, signal) => resolve(signal));
    });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', () => reject(new Error('payment ended before it served')));
    });
    const { origin, headers } = JSON.parse(line) as { origin: string; headers: Record<string, string> };
    const started: PaymentProcess = {
      child,
      died,
      async ask(method, target, body) {
        const response = await fetch(`${origin}/internal/payments/${target}`, {
          method,
          headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        return (await response.json()) as PaymentState;
      },
    };
    processes.push(started);
    return started;
  }

  async function dieAt(point: string, method: string, target: string, body?: object): Promise<void> {
    const payment = await startPayment(point);
    await expect(payment.ask(method, target, body)).rejects.toThrow();
    expect(await payment.died).toBe('SIGKILL');
    // The lease of the dead process runs out.
    await database.query({ text: 'update payments set leased_until = now() where lease is not null' });
  }

  async function recovered(orderId: string, status: string): Promise<void> {
    const payment = await startPayment();
    await eventually(async () => (await payment.ask('GET', orderId)).status === status, { what: status });
    payment.child.kill('SIGKILL');
    await payment.died;
  }

  const statusOf = async (orderId: string) => {
    const { rows } = await database.query<{ status: string }>({
      text: 'select status from payments where order_id = $1',
      values: [orderId],
    });
    return rows[0]?.status;
  };
  const chargesOf = (orderId: string) => provider.charges().filter((charge) => charge.orderId === orderId);
  const salesOf = async (orderId: string) => {
    const { rows } = await database.query<{ sales: number; sum: number }>({
      text: `select coalesce(sum(e.amount), 0)::int as sum,
          coalesce(-sum(e.amount) filter (where account = 'sales'), 0)::int as sales
        from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
        join payments p on p.id = t.payment_id where order_id = $1`,
      values: [orderId],
    });
    return rows[0];
  };
  /** What the provider was asked to do for an order: each of them once, also by whoever came after the dead. */
  const askedFor = async (orderId: string) => {
    const { rows } = await database.query<{ operation: string }>({
      text: `select operation from provider_attempts a join payments p on p.id = a.payment_id
        where order_id = $1 order by a.started_at`,
      values: [orderId],
    });
    return rows.map(({ operation }) => operation);
  };
  const authorisation = { userId, amount: { amount: 990, currency: 'EUR' }, paymentMethod: 'pm_ok' };

  test('finds one charge, takes the money once and gives it back once', async () => {
    const orderId = newId();
    await dieAt('authorise-answered', 'PUT', orderId, authorisation);
    expect(await statusOf(orderId)).toBe('authorising');
    expect(chargesOf(orderId)).toMatchObject([{ status: 'authorised' }]);
    await recovered(orderId, 'authorised');

    await dieAt('capture-answered', 'POST', `${orderId}/capture`);
    expect(await statusOf(orderId)).toBe('capturing');
    expect(await salesOf(orderId)).toEqual({ sum: 0, sales: 0 });
    await recovered(orderId, 'captured');
    expect(await salesOf(orderId)).toEqual({ sum: 0, sales: 990 });

    await dieAt('refund-answered', 'POST', `${orderId}/refund`);
    expect(await statusOf(orderId)).toBe('refunding');
    await recovered(orderId, 'refunded');
    expect(await salesOf(orderId)).toEqual({ sum: 0, sales: 0 });
    expect(chargesOf(orderId)).toMatchObject([{ captured: 990, refunded: 990 }]);
    expect(await askedFor(orderId)).toEqual(['authorise', 'capture', 'refund']);
  }, 60_000);

  test('lets go of the money once', async () => {
    const orderId = newId();
    const payment = await startPayment();
    await payment.ask('PUT', orderId, authorisation);
    payment.child.kill('SIGKILL');
    await payment.died;
    await dieAt('void-answered', 'POST', `${orderId}/void`);
    expect(await statusOf(orderId)).toBe('voiding');
    await recovered(orderId, 'voided');
    expect(chargesOf(orderId)).toMatchObject([{ status: 'voided', captured: 0 }]);
    expect(await askedFor(orderId)).toEqual(['authorise', 'void']);
  }, 60_000);
});

import type { TestDatabase } from '@bulkhead/database/testing/postgres';
import { startTestService } from '@bulkhead/service/testing/test-service';
import { createPaymentService } from '../app';

/**
 * Payment as a process of its own that dies at CRASH_POINT, as under `kill -9`. Prints its address and the headers for
 * order's calls on stdout.
 */
const crashAt = process.env['CRASH_POINT'];
const database: TestDatabase = {
  url: process.env['DATABASE_URL'] ?? '',
  ownerUrl: '',
  adminUrl: '',
  name: 'of the parent',
  drop: async () => undefined,
};
const payment = createPaymentService((name) => {
  if (name !== crashAt) return undefined;
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
});
const config = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

void startTestService(payment, { database, config }).then(async ({ origin, asService }) => {
  process.stdout.write(`${JSON.stringify({ origin, headers: await asService('order') })}\n`);
});

import { join } from 'node:path';
import { startSimulatedProvider } from '@bulkhead/app/payment/src/simulated-provider/server';
import { systemClock } from '@bulkhead/resilience/clock';
import type { LocalSecrets } from './secrets';

/** The simulated payment provider on loopback: a separate HTTP server that sends webhooks to the shop. */
export const startLocalProvider = ({
  dataDir,
  origin,
  secrets,
}: {
  readonly dataDir: string;
  readonly origin: string;
  readonly secrets: LocalSecrets;
}) =>
  startSimulatedProvider({
    port: 0,
    host: '127.0.0.1',
    webhookUrl: `${origin}/api/v1/payments/webhooks/simulated`,
    webhookSecret: secrets.webhookSecret,
    bookFile: join(dataDir, 'provider.jsonl'),
    clock: systemClock,
  });

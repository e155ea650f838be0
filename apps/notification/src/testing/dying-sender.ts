import { createDatabase } from '@bulkhead/database/pool';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { notificationDatabase } from '../database';
import { createMailMetrics } from '../mail/mail-metrics';
import { createMailQueue } from '../mail/mail-queue';
import { createSender } from '../mail/sender';
import { createSmtp } from '../mail/smtp';

/**
 * A sender as a process of its own that kills itself when the mail server has accepted its first mail, before that is
 * recorded: the only moment that can cause a mail to be sent twice.
 */
const setting = (name: string): string => process.env[name] ?? '';

const database = createDatabase({ url: setting('DATABASE_URL'), applicationName: 'dying sender' });
const { logger, metrics, tracing } = createTelemetry({
  service: 'notification',
  version: 'test',
  environment: 'test',
  logLevel: 'silent',
  traces: {},
  runtimeMetrics: false,
});
const outbox = createOutbox({
  catalog: new Map(),
  source: 'notification',
  clock: systemClock,
  ids: randomIds,
  wake: () => undefined,
});
const smtp = createSmtp({
  url: setting('SMTP_URL'),
  from: { name: 'Bulkhead', address: 'shop@mail.example.org', host: 'mail.example.org' },
  connections: 1,
  clock: systemClock,
});
const sender = createSender({
  queue: createMailQueue({
    database: notificationDatabase(database),
    outbox,
    ids: randomIds,
    clock: systemClock,
    leaseMs: Number(setting('LEASE_MS')),
  }),
  directory: {
    contact: async () => ({ name: 'Ada', email: setting('ADDRESS'), locale: 'en', orderMail: true }),
    token: async () => undefined,
  },
  smtp: {
    ...smtp,
    async send(mail) {
      await smtp.send(mail);
      process.kill(process.pid, 'SIGKILL');
      await new Promise<never>(() => undefined);
    },
  },
  publicUrl: 'https://shop.example.org',
  clock: systemClock,
  random: Math.random,
  logger,
  metrics: createMailMetrics(metrics, database),
  tracing,
  lanes: 1,
});
for (const job of sender.jobs) void job.run(new AbortController().signal);

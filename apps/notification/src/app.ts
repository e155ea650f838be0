import { authInternal } from '@bulkhead/contracts/auth/api';
import { profileInternal } from '@bulkhead/contracts/profile/api';
import { confirmErasure } from '@bulkhead/service/erasure/confirm-erasure';
import { withAnyOf } from '@bulkhead/service/preflight/probe';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { NotificationConfig, refusePlaceholders } from './config';
import { notificationDatabase } from './database';
import { createErasureEvents } from './events/erasure';
import { createOrderEvents } from './events/orders';
import { createUserEvents } from './events/users';
import { internalOperations } from './http/internal-operations';
import { publicOperations } from './http/public-operations';
import { createFollowers } from './inbox/followers';
import { createInbox } from './inbox/inbox';
import { createNotify } from './inbox/notify';
import { createDirectory } from './mail/directory';
import { createMailMetrics } from './mail/mail-metrics';
import { createMailQueue } from './mail/mail-queue';
import { createSender } from './mail/sender';
import { createSmtp } from './mail/smtp';
import { smtpProbe } from './mail/smtp-probe';
import { createPruning } from './prune/prune';

/** Messages to customers: an inbox in the shop, and emails. */
export const notificationService: ServiceDefinition<typeof NotificationConfig> = {
  name: 'notification',
  config: NotificationConfig,
  peers: ['profile', 'auth'],
  database: true,
  checkConfig: refusePlaceholders,
  preflight: ({ SMTP_URL, MAIL_FROM }) => [
    withAnyOf(SMTP_URL.values, (url) => smtpProbe({ url, from: MAIL_FROM.address })),
  ],
  create(dependencies) {
    const { config, clock, timers, breakers, logger } = dependencies;
    const database = notificationDatabase(dependencies.database);
    const followers = createFollowers(database);
    const mailQueued = () => sender.wake();
    const notify = createNotify({ ...dependencies, followers, mailQueued });
    const mailMetrics = createMailMetrics(dependencies.metrics, database);
    const smtp = createSmtp({
      ...dependencies,
      accountRefused(what, code) {
        mailMetrics.accountRefused(what);
        logger.error({ operation: what, status: code }, 'mail server rejects our sender or login');
      },
      url: () => config.SMTP_URL.values,
      from: config.MAIL_FROM,
      connections: config.SMTP_CONNECTIONS,
      timeoutMs: config.SMTP_TIMEOUT_MS,
      // Open for no longer than the sender itself waits for an unavailable mail server.
      breakers: { ...breakers, openMs: Math.min(breakers.openMs, timers.probeMs.max) },
    });
    const sender = createSender({
      ...dependencies,
      queue: createMailQueue({ ...dependencies, database, leaseMs: timers.mailLeaseMs }),
      probeMs: timers.probeMs,
      directory: createDirectory({
        ...dependencies,
        profile: dependencies.peer('profile', profileInternal),
        auth: dependencies.peer('auth', authInternal),
      }),
      smtp,
      publicUrl: config.PUBLIC_URL,
      metrics: mailMetrics,
      lanes: config.SMTP_CONNECTIONS,
    });
    return {
      operations: [
        ...publicOperations({ inbox: createInbox(database), followers, clock }),
        ...internalOperations(database),
      ],
      subscriptions: [
        createOrderEvents(notify),
        createUserEvents(notify),
        confirmErasure(createErasureEvents({ database, followers, mailQueued }), dependencies),
      ],
      jobs: [...sender.jobs, followers.job, createPruning(database)],
      async stop() {
        smtp.close();
        await database.prisma.$disconnect();
      },
    };
  },
};

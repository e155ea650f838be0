import type { Queryable } from '@bulkhead/database/database';
import type { Metrics } from '@bulkhead/telemetry/metrics';
import { type TemplateName, templateNames } from '../templates/templates';
import type { Dependency, Outcome } from './attempt';
import { waiting } from './mail-queue.sql';
import { type RefusedAccount, refusedAccounts } from './smtp';

const outcomes = ['sent', 'dropped', 'failed', 'retry', 'unknown-person', 'away', 'lost'] as const;
const dependencies = ['profile', 'auth', 'smtp'] as const;

/** Metrics of mails. The backlog is queried from the database at each scrape. */
export function createMailMetrics(metrics: Metrics, db: Queryable) {
  const attempts = metrics.counter({
    name: 'notification_mail_attempts_total',
    help: 'Attempts to send mails, by how they ended.',
    labels: { template: templateNames, outcome: outcomes },
  });
  const away = metrics.gauge({
    name: 'notification_dependency_away',
    help: '1 while the mail sender waits for this dependency to recover.',
    labels: { dependency: dependencies },
  });
  for (const dependency of dependencies) away.set({ dependency }, 0);
  const refusals = metrics.counter({
    name: 'notification_mail_account_refusals_total',
    help: 'How often the mail server refused the sender or the login for good.',
    labels: { what: refusedAccounts },
  });
  // Declared at startup: an alert's `increase` only sees the first rejection if there was a 0 before.
  for (const what of refusedAccounts) refusals.declare({ what });
  const age = metrics.gauge({
    name: 'notification_mail_oldest_age_seconds',
    help: 'Age of the oldest mail that is not sent yet.',
  });
  metrics.gauge({
    name: 'notification_mails_waiting',
    help: 'Mails that are not sent yet.',
    async collect(gauge) {
      const row = (await db.query<{ count: number; age: number }>(waiting)).rows[0];
      gauge.set({}, row?.count ?? 0);
      age.set({}, Math.max(0, row?.age ?? 0));
    },
  });
  return {
    attempt: (template: TemplateName, outcome: Outcome['kind']) => attempts.add({ template, outcome }),
    accountRefused: (what: RefusedAccount) => refusals.add({ what }),
    away: (dependency: Dependency, isAway: boolean) => away.set({ dependency }, isAway ? 1 : 0),
  };
}

export type MailMetrics = ReturnType<typeof createMailMetrics>;

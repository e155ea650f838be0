import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';
import { type Job, workerJob } from '@bulkhead/service/runtime/jobs';
import type { Metrics } from '@bulkhead/telemetry/metrics';
import { type Engine, reconcileEveryMs } from './payments/engine';

export const reconcileJob = ({ reconciler }: Engine): Job =>
  workerJob('payment.reconcile', reconciler, reconcileEveryMs);

export const pruneJob = (database: Database): Job => ({
  name: 'payment.prune',
  everyMs: 60_000,
  async run(signal) {
    for (const statement of [oldWebhooks, oldAttempts]) await pruneAll(database, statement, { signal });
  },
});

/** The client cannot delete a batch. Providers repeat a webhook for some days at most. */
export const oldWebhooks = {
  name: 'prune-webhooks',
  text: `delete from webhook_events where ctid = any (array(
    select ctid from webhook_events where received_at < now() - interval '30 days' limit $1))`,
};

/**
 * The client cannot delete a batch, nor compare with a time before now.
 *
 * Attempts of payments at rest. Their outcome is in the payment, its refunds and the ledger, which are kept.
 */
export const oldAttempts = {
  name: 'prune-attempts',
  text: `delete from provider_attempts where id = any (array(
    select a.id from provider_attempts a join payments p on p.id = a.payment_id
    where a.started_at < now() - interval '400 days' and p.due_at is null limit $1))`,
};

/** Metrics for alerts on stuck payments. Reads small partial indexes. */
export function watchJob(database: Database, metrics: Metrics): Job {
  const waiting = metrics.gauge({
    name: 'payment_waiting_payments',
    help: 'Payments with a pending call to the provider.',
  });
  const oldest = metrics.gauge({
    name: 'payment_waiting_oldest_seconds',
    help: 'Age of the longest wait among them.',
  });
  const attention = metrics.gauge({
    name: 'payment_needs_attention_payments',
    help: 'Payments that a person has to look at.',
  });
  const disputes = metrics.gauge({
    name: 'payment_open_disputes',
    help: 'Disputes and inquiries of buyers’ banks that are not decided.',
  });
  return {
    name: 'payment.watch',
    everyMs: 15_000,
    async run() {
      // The client cannot count and calculate an age in one statement.
      const { rows } = await database.query<Record<'waiting' | 'oldest' | 'attention' | 'disputes', number>>({
        text: `select
          (select count(*)::int from payments where due_at is not null) as waiting,
          (select coalesce(extract(epoch from now() - min(waiting_since)), 0)::float8 from payments where due_at is not null) as oldest,
          (select count(*)::int from payments where needs_attention_at is not null) as attention,
          (select count(*)::int from disputes where status in ('inquiry', 'open')) as disputes`,
      });
      const seen = rows[0]!;
      waiting.set({}, seen.waiting);
      oldest.set({}, seen.oldest);
      attention.set({}, seen.attention);
      disputes.set({}, seen.disputes);
    },
  };
}

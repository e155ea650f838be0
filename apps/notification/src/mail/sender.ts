import { createSlots } from '@bulkhead/durable/slots';
import { createWorker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import { type Job, workerJob } from '@bulkhead/service/runtime/jobs';
import type { Logger } from '@bulkhead/telemetry/logger';
import { madeAt } from '@bulkhead/telemetry/message-span';
import type { Tracing } from '@bulkhead/telemetry/trace';
import { templateNames, templates } from '../templates/templates';
import { attemptMail, type Dependency, type Outcome } from './attempt';
import { createDependencyGate, type DependencyGate } from './dependency-gate';
import type { Directory } from './directory';
import type { MailMetrics } from './mail-metrics';
import type { ClaimedMail, MailQueue } from './mail-queue';
import type { Smtp } from './smtp';

export interface SenderOptions {
  readonly queue: MailQueue;
  readonly directory: Directory;
  readonly smtp: Smtp;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: MailMetrics;
  readonly tracing: Tracing;
  /** Number of mails processed concurrently. */
  readonly lanes: number;
  /** Delays between attempts, ms; a mail without attempts left has failed. Default 2 s to 6 h. */
  readonly retryDelaysMs?: readonly number[];
  /** Minimum and maximum wait between two probes of an unavailable dependency, ms. Default 500 and 30,000. */
  readonly probeMs?: { readonly min: number; readonly max: number };
}

const defaultRetryDelaysMs = [2_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000];
/** Number of expired mails ended in one batch. */
const expiredBatch = 200;
const withoutToken = templateNames.filter((name) => !('token' in templates[name]));

export interface Sender {
  /** Call it when mails were queued and committed. */
  wake(): void;
  /** Sends what is due now, and resolves when nothing is left. */
  sendDue(signal: AbortSignal): Promise<void>;
  readonly jobs: readonly Job[];
}

/**
 * Sends due mails, a few concurrently. A failed mail is retried with increasing delays; while SMTP, profile or auth is
 * unavailable, only a probe of the mails that need it is claimed, and no attempts are used.
 */
export function createSender(options: SenderOptions): Sender {
  const { queue, smtp, logger, metrics, tracing, lanes, retryDelaysMs = defaultRetryDelaysMs } = options;
  const gateOf = (dependency: Dependency): DependencyGate =>
    createDependencyGate({
      ...options,
      onChange(state) {
        metrics.away(dependency, state === 'closed');
        logger.warn({ peer: dependency, state }, 'availability of a mail dependency changed');
        if (state === 'open') worker.wake();
      },
    });
  const gates = { profile: gateOf('profile'), auth: gateOf('auth'), smtp: gateOf('smtp') };

  /** Claims mails whose dependencies are all available. */
  const claim = async (wanted: number): Promise<ClaimedMail[]> => {
    // A probe that the breaker would reject is useless: it would only make the gate wait longer.
    if (!smtp.admits()) return [];
    const withTokens = gates.auth.admits(wanted);
    const admitted = Math.min(gates.profile.admits(wanted), gates.smtp.admits(wanted), withTokens || wanted);
    if (admitted === 0) return [];
    gates.profile.enter();
    gates.smtp.enter();
    if (withTokens > 0) gates.auth.enter();
    return queue.claim(admitted, withTokens > 0 ? templateNames : withoutToken);
  };

  const send = (mail: ClaimedMail): Promise<void> => {
    const { eventId, template, attempt } = mail;
    if (mail.expired) return settle(mail, expired);
    return tracing.span(
      `mail ${template}`,
      {
        kind: 'internal',
        parent: tracing.fromTraceparent(mail.traceparent ?? undefined) ?? null,
        parentMadeAt: madeAt(eventId),
        attributes: { 'messaging.message.id': eventId, 'bulkhead.attempt': attempt },
      },
      async (span) => {
        const outcome: Outcome =
          attempt > retryDelaysMs.length + 1
            ? { kind: 'failed', reason: 'interrupted-too-often' }
            : await attemptMail({ ...options, worked: (dependency) => gates[dependency].worked() }, mail);
        span.setAttribute('bulkhead.outcome', outcome.kind);
        await settle(mail, outcome);
      },
    );
  };

  const settle = async (mail: ClaimedMail, outcome: Outcome): Promise<void> => {
    const { template, attempt } = mail;
    switch (outcome.kind) {
      case 'retry': {
        const delayMs = retryDelaysMs[attempt - 1];
        if (delayMs === undefined) return settle(mail, { kind: 'failed', reason: outcome.reason });
        await queue.putBack(mail, delayMs, 1, outcome.reason);
        break;
      }
      case 'away':
        // The database needs no gate: nothing can be claimed without it.
        if (outcome.dependency !== 'database') gates[outcome.dependency as Dependency].failed();
        await queue.putBack(mail, 0, 0, `${outcome.dependency}-away`);
        break;
      case 'unknown-person':
        await queue.postpone(mail, 'contact-unknown');
        break;
      case 'failed':
        logger.error(
          {
            eventId: mail.eventId,
            operation: template,
            userId: mail.userId,
            attempt,
            reason: outcome.reason,
          },
          'mail has failed for good',
        );
        await queue.end(mail, 'failed', outcome.reason);
        break;
      case 'dropped':
        await queue.end(mail, 'dropped', outcome.reason);
        break;
      case 'sent':
        await queue.end(mail, 'sent', undefined);
        break;
      case 'lost':
    }
    metrics.attempt(template, outcome.kind);
  };

  const worker = createWorker<ClaimedMail>({
    ...options,
    name: 'send-mails',
    slots: createSlots(() => lanes),
    batch: lanes,
    claim,
    work: send,
    pollMs: 500,
  });

  // Runs even while nothing can be sent: an erasure that waits for a mail must end.
  const endExpired = async (signal: AbortSignal): Promise<void> => {
    for (let found = expiredBatch; found === expiredBatch && !signal.aborted;) {
      const mails = await queue.claimExpired(expiredBatch);
      for (const mail of mails) await settle(mail, expired);
      found = mails.length;
    }
  };

  return {
    wake: () => worker.wake(),
    async sendDue(signal) {
      await endExpired(signal);
      await worker.runOnce(signal);
    },
    jobs: [
      workerJob('send-mails', worker, 500),
      { name: 'end-expired-mails', everyMs: 5_000, run: endExpired },
    ],
  };
}

const expired: Outcome = { kind: 'failed', reason: 'expired' };

import type { Clock } from '@bulkhead/resilience/clock';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { Logger } from '@bulkhead/telemetry/logger';
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
  /** Mails in hand at once. */
  readonly lanes: number;
  /** Waits between attempts, ms; a mail whose attempts are used up has failed. Default 2 s to 6 h. */
  readonly retryDelaysMs?: readonly number[];
  /** Shortest and longest wait between two probes of what is away, ms. Default 500 and 30,000. */
  readonly probeMs?: { readonly min: number; readonly max: number };
}

const defaultRetryDelaysMs = [2_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000];
/** Mails that a lane sends, and expired ones that are ended, in one run of the job. */
const batch = 200;
const withoutToken = templateNames.filter((name) => !('token' in templates[name]));

/**
 * Sends what is due, in a few lanes. A mail that fails climbs a ladder of delays; while SMTP, profile or auth is away
 * nothing that needs it is taken up but a probe, and no attempt is used up.
 */
export function createSender(options: SenderOptions): Job {
  const { queue, smtp, logger, metrics, tracing, lanes, retryDelaysMs = defaultRetryDelaysMs } = options;
  const gateOf = (dependency: Dependency): DependencyGate =>
    createDependencyGate({
      ...options,
      onChange(state) {
        metrics.away(dependency, state === 'closed');
        logger.warn({ peer: dependency, state }, 'gate of a dependency of mails changed');
      },
    });
  const gates = { profile: gateOf('profile'), auth: gateOf('auth'), smtp: gateOf('smtp') };

  /** The next mail that everything it needs is there for. */
  const next = async (): Promise<ClaimedMail | undefined> => {
    // A probe that the breaker would refuse is none: it would only make the gate wait longer.
    if (!gates.profile.admits() || !gates.smtp.admits() || !smtp.admits()) return undefined;
    const withTokens = gates.auth.admits();
    gates.profile.enter();
    gates.smtp.enter();
    if (withTokens) gates.auth.enter();
    return queue.claim(withTokens ? templateNames : withoutToken);
  };

  const lane = async (signal: AbortSignal) => {
    for (let sent = 0; sent < batch && !signal.aborted; sent += 1) {
      const mail = await next();
      if (!mail) return;
      await process(mail);
    }
  };

  const process = (mail: ClaimedMail) => {
    const { eventId, template, attempt } = mail;
    return tracing.span(
      `mail ${template}`,
      {
        kind: 'internal',
        parent: tracing.extract(mail.traceparent ?? undefined) ?? null,
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
        // What needs the database waits by itself: nothing can be taken up without it.
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

  const endExpired = async (signal: AbortSignal) => {
    for (let ended = 0; ended < batch && !signal.aborted; ended += 1) {
      const mail = await queue.claimExpired();
      if (!mail) return;
      await settle(mail, { kind: 'failed', reason: 'expired' });
    }
  };

  return {
    name: 'send-mails',
    everyMs: 500,
    async run(signal) {
      await endExpired(signal);
      const ends = await Promise.allSettled(Array.from({ length: lanes }, () => lane(signal)));
      const broken = ends.find((end) => end.status === 'rejected');
      if (broken) throw broken.reason;
    },
  };
}

import type { CloudEvent, EventDefinition } from '@bulkhead/contracts/event';
import type { Database, Transaction } from '@bulkhead/database/database';
import { DatabaseUnavailable } from '@bulkhead/database/errors';
import type { Clock } from '@bulkhead/resilience/clock';
import { BreakerOpen, BulkheadFull } from '@bulkhead/resilience/errors';
import { withTimeout } from '@bulkhead/resilience/timeout';
import { decodeEvent } from './event-codec';
import type { MessagingObserver, RunInSpan } from './observer';
import { reasonText } from './reason-text';
import { DependencyUnavailable, PoisonMessage, type Subscription } from './subscription';
import type { IncomingMessage, Transport } from './transport';

/** What is to be done with a message after an attempt to handle it. */
export type Outcome =
  /** Handled now, handled before, or of a known type that this group does not hear: ack. */
  | { readonly kind: 'done' | 'duplicate' | 'ignored' }
  /** The attempt failed; another may not. */
  | { readonly kind: 'retry'; readonly reason: string }
  /** No attempt can succeed. */
  | { readonly kind: 'dead'; readonly reason: string }
  /** Something it needs is away; the attempt does not count. */
  | { readonly kind: 'pause'; readonly dependency: string }
  /** The consumer is stopping; nothing was decided. */
  | { readonly kind: 'abandoned' };

export interface RunnerOptions {
  readonly subscription: Subscription;
  readonly database: Database;
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly clock: Clock;
  readonly observer: MessagingObserver;
  readonly runInSpan: RunInSpan;
  readonly spanAttributes: Transport['spanAttributes'];
  readonly handlerTimeoutMs: number;
}

export type Runner = (message: IncomingMessage, signal: AbortSignal) => Promise<Outcome>;

/**
 * Handles one message the same way whatever carried it: the inbox row and the handler's effect are one transaction, so
 * that a message that comes again changes nothing.
 */
export function createRunner(options: RunnerOptions): Runner {
  const { subscription, clock, observer } = options;
  const { group, events } = subscription.definition;
  const heard = new Set(events.map((definition) => definition.type));

  const run: Runner = async (message, signal) => {
    const startedAt = clock.monotonic();
    let event: CloudEvent | undefined;
    let outcome: Outcome;
    try {
      event = decodeEvent(message.body, options.catalog);
      // A sender may send its own types only; one in another's clothes comes by a list of further receivers (CC).
      if (message.sentAs !== undefined && message.sentAs !== event.type)
        throw new PoisonMessage(`sent-as-another: it is ${event.type}, and was sent as ${message.sentAs}`);
      outcome = heard.has(event.type)
        ? await handleOnce(options, event, message, signal)
        : { kind: 'ignored' };
    } catch (error) {
      outcome = signal.aborted && !(error instanceof PoisonMessage) ? { kind: 'abandoned' } : judge(error);
    }
    observer.handled?.({
      group,
      type: event?.type ?? 'unknown',
      outcome: outcome.kind,
      attempt: message.attempt,
      durationMs: clock.monotonic() - startedAt,
      ...(event && { lagMs: Math.max(0, clock.now() - Date.parse(event.time)) }),
    });
    return outcome;
  };
  return run;
}

const claimEvent = {
  name: 'inbox-claim',
  text: 'insert into inbox (consumer_group, event_id) values ($1, $2) on conflict do nothing',
};

async function handleOnce(
  { subscription, database, clock, runInSpan, spanAttributes, handlerTimeoutMs }: RunnerOptions,
  event: CloudEvent,
  { attempt }: IncomingMessage,
  signal: AbortSignal,
): Promise<Outcome> {
  const { group } = subscription.definition;

  const claimAndHandle = async (tx: Transaction, workSignal: AbortSignal): Promise<Outcome> => {
    const claimed = await tx.query({ ...claimEvent, values: [group, event.id] });
    if (claimed.rowCount === 0) return { kind: 'duplicate' };
    await unlessAborted(subscription.handle(event, { tx, attempt, signal: workSignal }), workSignal);
    return { kind: 'done' };
  };

  const span = {
    name: `process ${event.type}`,
    kind: 'consumer' as const,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    ...(event.tracestate !== undefined && { tracestate: event.tracestate }),
    attributes: {
      ...spanAttributes(event.type, group),
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': group,
      'messaging.message.id': event.id,
      'bulkhead.attempt': attempt,
    },
  };
  return runInSpan(span, () =>
    withTimeout(
      async (workSignal) => {
        await subscription.confirm?.(event, workSignal);
        return database.transaction((tx) => claimAndHandle(tx, workSignal), { signal: workSignal });
      },
      {
        clock,
        ms: handlerTimeoutMs,
        signal,
        error: () => new Error(`the handler took longer than ${handlerTimeoutMs} ms`),
      },
    ),
  );
}

/** A handler that ignores its signal must not keep the transaction's connection. */
const unlessAborted = (work: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });

/** The three kinds of failure: of the message for good, of something it needs, and all others. */
function judge(error: unknown): Outcome {
  if (error instanceof PoisonMessage) return { kind: 'dead', reason: reasonText(error.message) };
  if (error instanceof DependencyUnavailable) return { kind: 'pause', dependency: error.dependency };
  if (error instanceof DatabaseUnavailable) return { kind: 'pause', dependency: 'database' };
  if (error instanceof BreakerOpen) return { kind: 'pause', dependency: error.breaker };
  if (error instanceof BulkheadFull) return { kind: 'pause', dependency: error.bulkhead };
  return { kind: 'retry', reason: reasonOf(error) };
}

const reasonOf = (error: unknown): string =>
  reasonText(error instanceof Error ? `${error.name}: ${error.message}` : 'a handler threw what is no Error');

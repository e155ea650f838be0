import type { CloudEvent, EventDefinition } from '@bulkhead/contracts/event';
import type { Database, Transaction } from '@bulkhead/database/database';
import { DatabaseUnavailable } from '@bulkhead/database/errors';
import type { Clock } from '@bulkhead/resilience/clock';
import { BreakerOpen, BulkheadFull } from '@bulkhead/resilience/errors';
import { withTimeout } from '@bulkhead/resilience/timeout';
import { decodeEvent } from './event-codec';
import type { MessageSpan, MessagingObserver, RunInSpan } from './observer';
import { reasonText } from './reason-text';
import { DependencyUnavailable, PoisonMessage, type Subscription } from './subscription';
import type { IncomingMessage, Transport } from './transport';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';

/** What to do with a message after an attempt to handle it. */
export type Outcome =
  /** Handled now, handled before, or of a known type without a subscription in this group: ack. */
  | { readonly kind: 'done' | 'duplicate' | 'ignored' }
  /** The attempt failed; another may succeed. */
  | { readonly kind: 'retry'; readonly reason: string }
  /** No attempt can succeed. */
  | { readonly kind: 'dead'; readonly reason: string }
  /** A dependency is unavailable; the attempt does not count. */
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
 * Handles one message in the same way for every transport: the inbox row and the handler's effect are one transaction,
 * so that a redelivered message changes nothing.
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
      // A sender may only publish its own types; one of another sender's types can only arrive through a list of
      // further receivers (CC).
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

/** Ordered by id, so that two batches cannot deadlock. No row: it was handled before. */
const claimEvents = {
  name: 'inbox-claim',
  text: `insert into inbox (consumer_group, event_id)
    select $1, id from ${unnestParameters(['uuid'], 2)} as id order by id
    on conflict do nothing returning event_id as id`,
};

/** @returns which of these events are new to the group */
async function claim(tx: Transaction, group: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>({ ...claimEvents, values: [group, ids] });
  return new Set(rows.map(({ id }) => id));
}

async function handleOnce(
  { subscription, database, clock, runInSpan, spanAttributes, handlerTimeoutMs }: RunnerOptions,
  event: CloudEvent,
  { attempt }: IncomingMessage,
  signal: AbortSignal,
): Promise<Outcome> {
  const { group } = subscription.definition;

  const claimAndHandle = async (tx: Transaction, workSignal: AbortSignal): Promise<Outcome> => {
    if ((await claim(tx, group, [event.id])).size === 0) return { kind: 'duplicate' };
    await unlessAborted(subscription.handle(event, { tx, attempt, signal: workSignal }), workSignal);
    return { kind: 'done' };
  };

  return runInSpan(spanOf(event, attempt, group, spanAttributes), () =>
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

const spanOf = (
  event: CloudEvent,
  attempt: number,
  group: string,
  attributes: Transport['spanAttributes'],
): MessageSpan => ({
  name: `process ${event.type}`,
  kind: 'consumer',
  ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
  ...(event.tracestate !== undefined && { tracestate: event.tracestate }),
  attributes: {
    ...attributes(event.type, group),
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': group,
    'messaging.message.id': event.id,
    'bulkhead.attempt': attempt,
  },
});

/** Handles several messages. Outcomes are in the order of the messages. */
export type BatchRunner = (
  messages: readonly IncomingMessage[],
  signal: AbortSignal,
) => Promise<readonly Outcome[]>;

/**
 * Handles the waiting messages together: the inbox rows and the effects of all are one transaction. If it fails, each
 * message is handled on its own, so that one bad message does not fail the others.
 */
export function createBatchRunner(options: RunnerOptions, run: Runner): BatchRunner {
  const { subscription, database, clock, observer, runInSpan, handlerTimeoutMs } = options;
  const { definition, handleAll } = subscription;
  const { group } = definition;
  const heard = new Set(definition.events.map(({ type }) => type));

  const oneByOne: BatchRunner = async (messages, signal) => {
    const outcomes: Outcome[] = [];
    for (const message of messages) outcomes.push(await run(message, signal));
    return outcomes;
  };

  const decodeAll = (messages: readonly IncomingMessage[]): CloudEvent[] | undefined => {
    try {
      const events = messages.map(({ body }) => decodeEvent(body, options.catalog));
      const isPlain = ({ type }: CloudEvent, index: number) => {
        const { sentAs } = messages[index]!;
        return heard.has(type) && (sentAs === undefined || sentAs === type);
      };
      return events.every(isPlain) ? events : undefined;
    } catch {
      return undefined;
    }
  };

  return async (messages, signal) => {
    const events = handleAll && messages.length > 1 ? decodeAll(messages) : undefined;
    if (!handleAll || !events) return oneByOne(messages, signal);
    const startedAt = clock.monotonic();
    const handleClaimed = async (workSignal: AbortSignal) =>
      database.transaction(
        async (tx) => {
          const claimed = await claim(
            tx,
            group,
            events.map(({ id }) => id),
          );
          const fresh = events.filter(({ id }) => claimed.delete(id));
          if (fresh.length > 0) await unlessAborted(handleAll(fresh, { tx, signal: workSignal }), workSignal);
          return new Set(fresh);
        },
        { signal: workSignal },
      );
    const limits = {
      clock,
      ms: handlerTimeoutMs,
      signal,
      error: () => new Error(`the handler took longer than ${handlerTimeoutMs} ms`),
    };
    // Each event has a span in its own trace. Work done for all of them is in that of the first.
    const inSpans = events.reduce<() => Promise<Set<CloudEvent>>>(
      (work, event, index) => () =>
        runInSpan(spanOf(event, messages[index]!.attempt, group, options.spanAttributes), work),
      () => withTimeout(handleClaimed, limits),
    );
    let fresh: Set<CloudEvent>;
    try {
      fresh = await inSpans();
    } catch {
      return oneByOne(messages, signal);
    }
    return events.map((event, index): Outcome => {
      const kind = fresh.has(event) ? 'done' : 'duplicate';
      observer.handled?.({
        group,
        type: event.type,
        outcome: kind,
        attempt: messages[index]!.attempt,
        durationMs: clock.monotonic() - startedAt,
        lagMs: Math.max(0, clock.now() - Date.parse(event.time)),
      });
      return { kind };
    });
  };
}

/** A handler that ignores its signal must not keep the transaction's connection. */
const unlessAborted = (work: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });

/** The three kinds of failure: permanent, a dependency unavailable, and all others. */
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

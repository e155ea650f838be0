import type { Clock } from '@bulkhead/resilience/clock';
import { createBackoff } from '@bulkhead/durable/backoff';
import type { Beginning } from './beginnings';
import type { BatchRunner, Outcome, Runner } from './consumer-runner';
import type { MessagingObserver } from './observer';
import type { GroupPlaces } from './handler-places';
import { reasonText } from './reason-text';
import { type GroupSource, type HeldMessage, MessageRefused } from './transport';

/**
 * A refusal may be temporary, such as that of a queue that was deleted and is being declared again; this many are not.
 */
const maxRefusals = 3;

/** The point at which a test crashes a consumer. */
export type ConsumerPoint = 'handled';

export interface GroupConsumerOptions {
  readonly group: string;
  readonly run: Runner;
  /** Handles up to `maxBatch` waiting messages together. */
  readonly runBatch: BatchRunner;
  readonly maxBatch: number;
  /** Called before a suspect message is handled. */
  readonly count: (messageId: string) => Promise<Beginning>;
  readonly openSource: (onMessage: (held: HeldMessage) => void) => GroupSource;
  readonly retryDelaysMs: readonly number[];
  /** One slot is taken while a message is handled. */
  readonly places: GroupPlaces;
  readonly probeMs: { readonly min: number; readonly max: number };
  readonly maxHoldMs: number;
  readonly clock: Clock;
  readonly observer: MessagingObserver;
  readonly random: () => number;
  /** Awaited between handling and ack; tests end the process here. */
  readonly checkpoint?: (point: ConsumerPoint) => Promise<void>;
}

export interface GroupConsumer {
  start(): void;
  /** The dependency this group is waiting for, if any. */
  pausedBy(): string | undefined;
  stop(graceMs: number): Promise<void>;
}

/**
 * Consumes the messages of one group and settles each: ack, retry or dead letter. While a dependency of the handlers is
 * unavailable the group is paused: consuming stops, messages already received are held, and one message at a time is
 * retried with backoff until one succeeds. A paused message uses up no attempt.
 */
export function createGroupConsumer(options: GroupConsumerOptions): GroupConsumer {
  const { group, run, clock, observer, retryDelaysMs, places } = options;
  const waiting: { held: HeldMessage; since: number }[] = [];
  const active = new Set<Promise<void>>();
  const stopping = new AbortController();
  const handlers = new AbortController();
  const probes = createBackoff({
    minMs: options.probeMs.min,
    maxMs: options.probeMs.max,
    random: options.random,
  });
  const source = options.openSource(onMessage);
  let pause: { dependency: string; since: number } | undefined;

  function onMessage(held: HeldMessage) {
    waiting.push({ held, since: clock.monotonic() });
    // While paused the queue is opened only to get a message to probe with.
    if (pause) void source.suspend();
    // Messages that arrive in the same iteration of the event loop are handled together.
    else queueMicrotask(work);
  }

  /** Handles waiting messages, as many concurrently as there are slots. */
  function work() {
    while (!pause && !stopping.signal.aborted && waiting.length > 0 && places.take()) {
      const next = takeNext();
      track((next.length > 1 ? handleAll(next) : handle(next[0]!)).finally(() => places.give()));
    }
  }
  places.onFree(work);

  /** The next messages to handle: as many as may be handled together, or a single suspect one. */
  function takeNext() {
    const suspectAt = waiting.findIndex(({ held }) => held.message.suspect);
    const together = suspectAt < 0 ? options.maxBatch : Math.min(options.maxBatch, suspectAt);
    return waiting.splice(0, Math.max(1, together));
  }

  function track(work: Promise<void>) {
    const tracked: Promise<void> = work.finally(() => active.delete(tracked));
    active.add(tracked);
  }

  /** Handles and settles one message. @returns the dependency's name if one is unavailable */
  async function attempt(held: HeldMessage): Promise<string | undefined> {
    if (held.isLost()) return undefined;
    const beginning = held.message.suspect ? await options.count(held.message.messageId) : undefined;
    if (beginning?.kind === 'pause') return beginning.dependency;
    if (beginning?.kind === 'dead') {
      await bury(held, beginning.reason);
      return undefined;
    }
    const away = await handleAndSettle(held);
    await beginning?.ended();
    return away;
  }

  async function handleAndSettle(held: HeldMessage): Promise<string | undefined> {
    // Any other error around the handler counts as a failed attempt: nothing else settles the message.
    const outcome = await run(held.message, handlers.signal).catch((error: unknown): Outcome => ({
      kind: 'retry',
      reason: reasonText(String(error)),
    }));
    if (outcome.kind === 'pause') return outcome.dependency;
    await options.checkpoint?.('handled');
    await settle(held, outcome);
    return undefined;
  }

  async function handle(next: { held: HeldMessage; since: number }): Promise<void> {
    const away = await attempt(next.held);
    if (away === undefined) return;
    waiting.push(next);
    pauseFor(away);
  }

  async function handleAll(next: readonly { held: HeldMessage; since: number }[]): Promise<void> {
    const present = next.filter(({ held }) => !held.isLost());
    const messages = present.map(({ held }) => held.message);
    const outcomes = await options
      .runBatch(messages, handlers.signal)
      .catch((error: unknown) =>
        messages.map((): Outcome => ({ kind: 'retry', reason: reasonText(String(error)) })),
      );
    await options.checkpoint?.('handled');
    const settling = present.map(async (entry, index) => {
      const outcome = outcomes[index]!;
      if (outcome.kind !== 'pause') return settle(entry.held, outcome);
      waiting.push(entry);
      pauseFor(outcome.dependency);
    });
    await Promise.all(settling);
  }

  function pauseFor(away: string): void {
    if (!pause && !stopping.signal.aborted) {
      pause = { dependency: away, since: clock.monotonic() };
      observer.paused?.({ group, dependency: away });
      track(probeUntilBack());
    }
  }

  async function probeUntilBack(): Promise<void> {
    await source.suspend();
    while (pause && !stopping.signal.aborted) {
      await clock.sleep(probes.next(), stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      dropLost();
      await giveBackOverdue();
      if (waiting.length === 0) {
        source.resume();
        continue;
      }
      // Messages received before the pause may not be settled yet.
      if (!places.take()) continue;
      const next = waiting.shift()!;
      const away = await attempt(next.held).finally(() => places.give());
      if (away === undefined) back();
      else waiting.push(next);
    }
  }

  function back() {
    if (!pause) return;
    const { dependency, since } = pause;
    pause = undefined;
    probes.reset();
    observer.resumed?.({ group, dependency, pausedMs: clock.monotonic() - since });
    source.resume();
    work();
  }

  function dropLost() {
    const kept = waiting.filter(({ held }) => !held.isLost());
    waiting.splice(0, waiting.length, ...kept);
  }

  /**
   * Brokers take back messages that are held too long, and count that as a failed delivery: return them to the queue
   * before.
   */
  async function giveBackOverdue(): Promise<void> {
    const overdue = waiting.filter(({ since }) => clock.monotonic() - since > options.maxHoldMs);
    for (const entry of overdue) {
      waiting.splice(waiting.indexOf(entry), 1);
      const refused = await settled(entry.held, () => entry.held.retry(0, entry.held.message.attempt));
      // It cannot be returned: it is held a while longer, and at worst the broker redelivers it.
      if (refused) waiting.push({ held: entry.held, since: clock.monotonic() });
    }
  }

  async function settle(held: HeldMessage, outcome: Exclude<Outcome, { kind: 'pause' }>): Promise<void> {
    const { messageId, attempt } = held.message;
    if (outcome.kind === 'abandoned') return;
    if (outcome.kind === 'dead') return bury(held, outcome.reason);
    if (outcome.kind === 'retry') {
      const { reason } = outcome;
      const delayMs = retryDelaysMs[attempt - 1];
      if (delayMs === undefined) return bury(held, `retries-exhausted: ${reason}`);
      observer.retried?.({ group, messageId, attempt, delayMs, reason });
      const refused = await settled(held, () => held.retry(attempt - 1, attempt + 1));
      return refused ? bury(held, `retry-refused: ${reason}`) : undefined;
    }
    await settled(held, () => held.ack());
  }

  async function bury(held: HeldMessage, reason: string): Promise<void> {
    const { messageId, attempt } = held.message;
    observer.dead?.({ group, messageId, attempt, reason });
    const refused = await settled(held, () => held.dead(reason));
    if (!refused) return;
    observer.dropped?.({ group, messageId, reason, error: refused });
    await settled(held, () => held.drop());
  }

  /**
   * The transport may be unavailable: settles again with backoff until it succeeds, the message is lost or the consumer
   * stops.
   * @returns the refusal of a reachable transport that does not accept the message
   */
  async function settled(held: HeldMessage, act: () => Promise<void>): Promise<MessageRefused | undefined> {
    const backoff = createBackoff({ minMs: 100, maxMs: 5_000, random: options.random });
    for (let refusals = 0; !held.isLost();) {
      try {
        await act();
        return undefined;
      } catch (error) {
        observer.trouble?.({ where: `settling a message of ${group}`, error });
        if (error instanceof MessageRefused && (refusals += 1) === maxRefusals) return error;
        if (stopping.signal.aborted) return undefined;
        await clock.sleep(backoff.next(), stopping.signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  return {
    start: () => source.resume(),
    pausedBy: () => pause?.dependency,
    async stop(graceMs) {
      stopping.abort();
      await source.suspend();
      const grace = clock.setTimer(() => handlers.abort(new Error('the consumer is stopping')), graceMs);
      await Promise.all(active);
      grace.cancel();
      await source.close();
    },
  };
}

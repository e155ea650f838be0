import { randomUUID } from 'node:crypto';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { createBackoff } from '@bulkhead/durable/backoff';
import type { MessagingObserver } from '../observer';
import type { GroupSource, HeldMessage, IncomingMessage, SourceOptions } from '../transport';
import type { BrokerConnection } from './connection';
import { fitShortString } from './fit';
import { attemptOf, handedOverBefore, isSuspect } from './headers';
import type { StallWatch } from './stall-watch';
import { crashLimit } from './topology';

export interface QueueSourceOptions extends SourceOptions {
  readonly queue: string;
  /** The exchange to which events are published by type. */
  readonly exchange: string;
  readonly connection: BrokerConnection;
  readonly declare: (model: ChannelModel) => Promise<void>;
  /**
   * Confirmed by the group's wait queue with that delay. @throws MessageRefused; Error when the broker is unavailable
   */
  readonly retry: (
    message: IncomingMessage,
    original: ConsumeMessage,
    delayIndex: number,
    attempt: number,
  ) => Promise<void>;
  /** Confirmed by the queue itself, as a suspect message with a delivery count of zero. @throws like `retry` */
  readonly putBack: (message: IncomingMessage, original: ConsumeMessage) => Promise<void>;
  /** Confirmed by the group's dead-letter queue. @throws MessageRefused; Error when the broker is unavailable */
  readonly dead: (message: IncomingMessage, original: ConsumeMessage, reason: string) => Promise<void>;
  /** Reports whether the queue can be consumed while the broker is connected. */
  readonly watch: StallWatch;
  readonly clock: Clock;
  readonly observer: MessagingObserver;
  readonly random: () => number;
  /** Minimum and maximum delay before the queue is consumed again, ms. Default 100 and 5,000. */
  readonly reconnectMs?: { readonly min: number; readonly max: number };
}

/** A channel of its own per group, opened again whenever it or its connection is lost. */
export interface QueueSource extends GroupSource {
  /** Called with a new connection: everything on the old one is lost. */
  reopen(): void;
}

/** A broker that takes longer has lost the queue or does not work, ms. */
const overdueMs = 10_000;

/** Half of the queue's delivery limit. */
const handedOverOften = crashLimit / 2;
/** About three seconds: a message that cannot be put back for longer is handled anyway. */
const putBackTries = 8;

interface Session {
  readonly channel: Channel;
  alive: boolean;
  consumerTag: string | undefined;
}

export function createQueueSource(options: QueueSourceOptions): QueueSource {
  const { queue, connection, clock, observer, watch } = options;
  const backoff = createBackoff({
    minMs: options.reconnectMs?.min ?? 100,
    maxMs: options.reconnectMs?.max ?? 5_000,
    random: options.random,
  });
  const closing = new AbortController();
  let wanted = false;
  let session: Session | undefined;
  let last: Promise<void> = Promise.resolve();

  /** One change of the session at a time; a failed one is retried as long as it is wanted. */
  const change = (step: () => Promise<void>): Promise<void> => {
    last = last.then(async () => {
      // A broker may not respond about a queue that has lost its quorum.
      const overdue = clock.setTimer(
        () => watch.failed(new Error(`the broker does not let ${queue} be consumed`), overdueMs),
        overdueMs,
      );
      try {
        await step();
      } catch (error) {
        if (closing.signal.aborted) return;
        observer.trouble?.({ where: `consuming ${queue}`, error });
        if (connection.current()) watch.failed(error);
        clock.sleep(backoff.next(), closing.signal).then(reconcile, () => undefined);
      } finally {
        overdue.cancel();
      }
    });
    return last;
  };

  const reconcile = (): Promise<void> =>
    change(async () => {
      const model = connection.current();
      if (!model || closing.signal.aborted) return;
      if (!session?.alive) {
        if (!wanted) return;
        session = await openSession(model);
      }
      if (wanted && session.consumerTag === undefined) {
        await consume(session);
        backoff.reset();
        watch.worked();
      } else if (!wanted && session.consumerTag !== undefined) {
        const tag = session.consumerTag;
        session.consumerTag = undefined;
        await session.channel.cancel(tag);
      }
    });

  async function openSession(model: ChannelModel): Promise<Session> {
    await options.declare(model);
    const channel = await model.createChannel();
    const opened: Session = { channel, alive: true, consumerTag: undefined };
    channel.on('error', (error) => observer.trouble?.({ where: `consuming ${queue}`, error }));
    channel.on('handler-error', (error) => observer.trouble?.({ where: `consuming ${queue}`, error }));
    channel.on('close', () => {
      opened.alive = false;
      if (!closing.signal.aborted) void reconcileLater();
    });
    await channel.prefetch(options.prefetch);
    return opened;
  }

  const reconcileLater = () => clock.sleep(backoff.next(), closing.signal).then(reconcile, () => undefined);

  async function consume(opened: Session): Promise<void> {
    const { consumerTag } = await opened.channel.consume(queue, (delivery) => {
      if (delivery) void receive(hold(opened, delivery), delivery);
      // The broker cancelled the consumer: the queue was deleted or has no leader.
      else {
        opened.consumerTag = undefined;
        watch.failed(new Error(`the broker no longer lets ${queue} be consumed`));
        void reconcileLater();
      }
    });
    opened.consumerTag = consumerTag;
  }

  /**
   * At the queue's delivery limit the broker dead-letters a message, and each lost connection counts for all
   * unacknowledged messages, whether or not they were handled. So that only messages that crash the process become dead
   * letters, a message is put back in time, where its count restarts at zero, and from then on each start of its
   * handling is recorded.
   */
  async function receive(held: HeldMessage, delivery: ConsumeMessage): Promise<void> {
    if (handedOverBefore(delivery.properties.headers) < handedOverOften) return options.onMessage(held);
    const tries = createBackoff({ minMs: 50, maxMs: 1_000, random: options.random });
    for (let tried = 0; tried < putBackTries && !held.isLost(); tried += 1) {
      try {
        await options.putBack(held.message, delivery);
        return await held.ack();
      } catch (error) {
        // If this connection was lost, the publishing one was too, and is reconnecting.
        observer.trouble?.({ where: `putting back to ${queue}`, error });
        await clock.sleep(tries.next(), closing.signal).catch(() => undefined);
      }
    }
    options.onMessage(held);
  }

  function hold(opened: Session, delivery: ConsumeMessage): HeldMessage {
    const message: IncomingMessage = {
      messageId: fitShortString(delivery.properties.messageId) ?? randomUUID(),
      body: delivery.content,
      attempt: attemptOf(delivery.properties.headers),
      ...(isSuspect(delivery.properties.headers) && { suspect: true }),
      ...(delivery.fields.exchange === options.exchange && { sentAs: delivery.fields.routingKey }),
    };
    const settle = (how: (channel: Channel) => void) => {
      if (!opened.alive) return;
      try {
        how(opened.channel);
      } catch {
        // The channel is closing: the broker redelivers the message, and the inbox recognises it.
        opened.alive = false;
      }
    };
    const ack = () => settle((channel) => channel.ack(delivery));
    return {
      message,
      isLost: () => !opened.alive,
      ack: async () => ack(),
      async retry(delayIndex, attempt) {
        await options.retry(message, delivery, delayIndex, attempt);
        ack();
      },
      async dead(reason) {
        await options.dead(message, delivery, reason);
        ack();
      },
      // The queue dead-letters rejected messages unchanged; see the topology.
      drop: async () => settle((channel) => channel.reject(delivery, false)),
    };
  }

  return {
    resume() {
      wanted = true;
      void reconcile();
    },
    async suspend() {
      wanted = false;
      await reconcile();
    },
    reopen() {
      void reconcile();
    },
    async close() {
      wanted = false;
      closing.abort();
      await last;
      // The response to the close follows all earlier acks.
      if (session?.alive) await session.channel.close().catch(() => undefined);
    },
  };
}

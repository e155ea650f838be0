import type { Clock } from '@bulkhead/resilience/clock';
import { valueWithin } from '@bulkhead/resilience/timeout';
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  IllegalOperationError,
  type Options,
} from 'amqplib';
import type { BrokerConnection } from './connection';

export interface PublisherOptions {
  readonly connection: BrokerConnection;
  readonly clock: Clock;
  /** Maximum number of unconfirmed messages. */
  readonly window: number;
  /** Timeout of a confirm, and of opening a channel, ms; after it the channel is abandoned. */
  readonly confirmTimeoutMs: number;
  /** Awaited on every new channel before its first publish. */
  readonly declare: (channel: Channel, model: ChannelModel) => Promise<void>;
  /** Called with the reason when the broker closes a channel. */
  readonly onRefused?: (error: Error) => void;
}

export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** The outcome is 'unroutable' if no queue takes it. */
  readonly mandatory: boolean;
  readonly properties: Options.Publish & { readonly messageId: string };
}

/** The outcome of a message. Only 'unavailable' means that the broker is unavailable. */
export type Fate =
  | { readonly kind: 'confirmed' }
  /** The client library cannot encode it, or the broker does not accept such a message (406): it never will. */
  | { readonly kind: 'unfit'; readonly reason: string }
  /** No queue is bound to take it. */
  | { readonly kind: 'unroutable' }
  /** The exchange does not exist (404), or this user may not use it (403): the broker's configuration is wrong. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** A queue is full or without a leader. */
  | { readonly kind: 'nacked' }
  /** There is no connection, the broker has stopped reading, or no confirm came. */
  | { readonly kind: 'unavailable' };

export interface Publisher {
  /** Publishes one message; resolves with its outcome, never rejects. */
  readonly publish: (message: Outgoing) => Promise<Fate>;
}

/**
 * Publishes with confirms in a window: waiting for each confirm would cost a round trip per message, and without a
 * limit memory would grow. A message that the broker refuses closes its channel; all that were unconfirmed on it are
 * sent again one by one, so that only that message is reported as refused.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const queue: (() => void)[] = [];
  let free = options.window;
  const shared = createSender(options);
  const alone = createSender(options);
  let lastAlone: Promise<unknown> = Promise.resolve();

  async function send(message: Outgoing): Promise<Fate> {
    const fate = await shared(message);
    if (fate.kind !== 'channel-refused') return fate;
    const again = lastAlone.then(() => alone(message));
    lastAlone = again;
    const sure = await again;
    return sure.kind === 'channel-refused' ? ofRefusal(sure.error) : sure;
  }

  return {
    async publish(message) {
      if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
      else free -= 1;
      try {
        return await send(message);
      } finally {
        const next = queue.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}

/** As `Fate`, or the broker closed the channel because of this message or another one on it. */
type FateOnChannel = Fate | { readonly kind: 'channel-refused'; readonly error: Error };

/** https://www.rabbitmq.com/docs/channels#error-handling */
const refusalsOfPlace: ReadonlySet<unknown> = new Set([403, 404]);

const ofRefusal = (error: Error): Fate => ({
  kind: refusalsOfPlace.has((error as { code?: unknown }).code) ? 'refused' : 'unfit',
  reason: error.message,
});

/** Sends on one channel, which is opened on demand. */
function createSender(options: PublisherOptions): (message: Outgoing) => Promise<FateOnChannel> {
  const { connection, clock } = options;
  let opened: { model: ChannelModel; channel: Promise<Confirming> } | undefined;

  async function channelNow(): Promise<Confirming | undefined> {
    const model = connection.current();
    if (!model || connection.isBlocked()) return undefined;
    if (opened?.model !== model) {
      const channel = openConfirming(model, options, () => {
        if (opened?.channel === channel) opened = undefined;
      });
      opened = { model, channel };
    }
    const { channel } = opened;
    const confirming = await valueWithin(channel, options.confirmTimeoutMs, clock);
    // Refused, or no response because the connection was lost: the next message opens another.
    if (!confirming && opened?.channel === channel) {
      opened = undefined;
      channel.then((late) => late.abandon()).catch(() => undefined);
    }
    return confirming;
  }

  return async (message) => {
    const confirming = await channelNow();
    if (!confirming) return { kind: 'unavailable' };
    return new Promise((resolve) => {
      const timer = clock.setTimer(() => {
        resolve({ kind: 'unavailable' });
        confirming.abandon();
      }, options.confirmTimeoutMs);
      confirming.send(message, (fate) => {
        timer.cancel();
        // A declared queue or binding was deleted: the next publish declares it again.
        if (fate.kind === 'unroutable') confirming.retire();
        resolve(fate);
      });
    });
  };
}

interface Confirming {
  send(message: Outgoing, settle: (fate: FateOnChannel) => void): void;
  /** Accepts no more messages; closes once all that were sent are confirmed. */
  retire(): void;
  /** Closes immediately; unconfirmed messages count as unavailable. */
  abandon(): void;
}

/** A confirm channel that tracks returned messages: a message's return precedes its confirm. */
async function openConfirming(
  model: ChannelModel,
  { declare, onRefused }: Pick<PublisherOptions, 'declare' | 'onRefused'>,
  onClosed: () => void,
): Promise<Confirming> {
  const channel: ConfirmChannel = await model.createConfirmChannel();
  const returned = createReturned();
  let refusal: Error | undefined;
  let declared = false;
  let closed = false;
  channel.on('error', (error: Error) => {
    refusal = error;
    if (declared) onRefused?.(error);
  });
  // Runs before amqplib's own listener, which reports the closed channel to every unconfirmed message.
  channel.prependListener('close', () => {
    closed = true;
    onClosed();
  });
  channel.on('return', ({ fields, properties }) =>
    returned.add({ ...fields, messageId: properties.messageId as string }),
  );
  await declare(channel, model);
  declared = true;

  const abandon = () => {
    onClosed();
    // Throws synchronously if the channel is closing.
    void (async () => channel.close())().catch(() => undefined);
  };
  const lost = (): FateOnChannel =>
    refusal ? { kind: 'channel-refused', error: refusal } : { kind: 'unavailable' };
  let retired = false;
  return {
    abandon,
    retire() {
      if (retired) return;
      retired = true;
      onClosed();
      channel.waitForConfirms().then(abandon, abandon);
    },
    send({ exchange, routingKey, body, mandatory, properties }, settle) {
      const message = { exchange, routingKey, messageId: properties.messageId };
      const onConfirm = (error: unknown) => {
        if (returned.take(message)) settle({ kind: 'unroutable' });
        else if (!error) settle({ kind: 'confirmed' });
        else settle(closed ? lost() : { kind: 'nacked' });
      };
      try {
        channel.publish(exchange, routingKey, body, { ...properties, mandatory }, onConfirm);
      } catch (error) {
        // A closing channel throws a distinguishable error; any other error is about the message.
        settle(error instanceof IllegalOperationError ? { kind: 'unavailable' } : unfit(error));
      }
    },
  };
}

const unfit = (error: unknown): Fate => ({
  kind: 'unfit',
  reason: error instanceof Error ? error.message : 'the client library threw what is no Error',
});

interface Sent {
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string;
}

/** Returned messages. The sender chooses ids; of equal ids sent to one destination, all are returned. */
function createReturned() {
  const counts = new Map<string, number>();
  const keyOf = ({ exchange, routingKey, messageId }: Sent) =>
    JSON.stringify([exchange, routingKey, messageId]);
  return {
    add(message: Sent) {
      counts.set(keyOf(message), (counts.get(keyOf(message)) ?? 0) + 1);
    },
    /** Was one of these returned? Forgets one. */
    take(message: Sent): boolean {
      if (counts.size === 0) return false;
      const key = keyOf(message);
      const count = counts.get(key);
      if (count === undefined) return false;
      if (count === 1) counts.delete(key);
      else counts.set(key, count - 1);
      return true;
    },
  };
}

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
  /** Unconfirmed messages at once. */
  readonly window: number;
  /** Longest wait for a confirm, and for a channel to be opened, ms; after it the channel is given up. */
  readonly confirmTimeoutMs: number;
  /** Awaited on every new channel before its first publish. */
  readonly declare: (channel: Channel, model: ChannelModel) => Promise<void>;
  /** Told why the broker closed a channel. */
  readonly onRefused?: (error: Error) => void;
}

export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** Comes back as 'unroutable' when no queue takes it. */
  readonly mandatory: boolean;
  readonly properties: Options.Publish & { readonly messageId: string };
}

/** What became of a message. Only 'unavailable' is the absence of the broker. */
export type Fate =
  | { readonly kind: 'confirmed' }
  /** The client library cannot encode it, or the broker takes no such message (406): it never will. */
  | { readonly kind: 'unfit'; readonly reason: string }
  /** No queue is bound to take it. */
  | { readonly kind: 'unroutable' }
  /** The exchange is not there (404), or not for this user (403): whoever set the broker up has to look. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** A queue is full or without a leader. */
  | { readonly kind: 'nacked' }
  /** There is no connection, the broker has stopped reading, or no confirm came. */
  | { readonly kind: 'unavailable' };

export interface Publisher {
  /** Publishes one message; resolves with its fate, never rejects. */
  readonly publish: (message: Outgoing) => Promise<Fate>;
}

/**
 * Publishes with confirms in a window: a confirm per message would cost a round trip each, no limit at all would let
 * memory grow. A message that the broker refuses takes its channel with it; all that were unconfirmed on that channel are
 * sent again one by one, so that the refusal is told of that message alone.
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

/** As `Fate`, or the broker closed the channel, for this message or another on it. */
type FateOnChannel = Fate | { readonly kind: 'channel-refused'; readonly error: Error };

/** https://www.rabbitmq.com/docs/channels#error-handling */
const refusalsOfPlace: ReadonlySet<unknown> = new Set([403, 404]);

const ofRefusal = (error: Error): Fate => ({
  kind: refusalsOfPlace.has((error as { code?: unknown }).code) ? 'refused' : 'unfit',
  reason: error.message,
});

/** Sends on one channel, which is opened when it is needed. */
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
    // Refused, or without a response, as when the connection is lost just then: the next message opens another.
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
        // A queue or binding that was declared is gone: the next publish declares anew.
        if (fate.kind === 'unroutable') confirming.retire();
        resolve(fate);
      });
    });
  };
}

interface Confirming {
  send(message: Outgoing, settle: (fate: FateOnChannel) => void): void;
  /** Takes no more messages; closes once what it sent is confirmed. */
  retire(): void;
  /** Closes now; what is unconfirmed counts as unavailable. */
  abandon(): void;
}

/** A confirm channel that knows which messages came back: the return of a message precedes its confirm. */
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
  // Before amqplib's own listener, which tells every unconfirmed message that the channel is closed.
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
    // Throws at once where the channel is closing already.
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
        // A channel that is closing says so; any other error is about the message.
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

/** Messages that came back. Ids are whatever a sender chose; of those alike, sent to one place, all come back. */
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

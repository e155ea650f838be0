import type { Clock } from '@bulkhead/resilience/clock';
import type { Channel, ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { PublishOutcome } from '../transport';
import type { BrokerConnection } from './connection';

export interface PublisherOptions {
  readonly connection: BrokerConnection;
  readonly clock: Clock;
  /** Unconfirmed messages at once. */
  readonly window: number;
  /** Longest wait for a confirm, ms; after it the channel is given up. */
  readonly confirmTimeoutMs: number;
  /** Awaited on every new channel before its first publish. */
  readonly declare: (channel: Channel) => Promise<void>;
}

export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** Comes back as 'failed: unroutable' when no queue takes it. */
  readonly mandatory: boolean;
  readonly properties: Options.Publish & { readonly messageId: string };
}

export interface Publisher {
  /** Publishes one message; resolves with its fate, never rejects. */
  readonly publish: (message: Outgoing) => Promise<PublishOutcome>;
}

/**
 * Publishes with confirms in a window: a confirm per message would cost a round trip each, no limit at all would let
 * memory grow. A refused message (nack) means that a queue is full or without a leader, not that the message is bad.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { connection, clock } = options;
  const queue: (() => void)[] = [];
  let free = options.window;
  let opened: { model: ChannelModel; channel: Promise<Confirming> } | undefined;

  async function channelNow(): Promise<Confirming | undefined> {
    const model = connection.current();
    if (!model || connection.isBlocked()) return undefined;
    if (opened?.model !== model) {
      const channel = openConfirming(model, options.declare, () => {
        if (opened?.channel === channel) opened = undefined;
      });
      opened = { model, channel };
    }
    const { channel } = opened;
    return channel.catch((): undefined => {
      if (opened?.channel === channel) opened = undefined;
    });
  }

  async function send(message: Outgoing): Promise<PublishOutcome> {
    const confirming = await channelNow();
    if (!confirming) return { kind: 'unavailable' };
    return new Promise((resolve) => {
      const timer = clock.setTimer(() => {
        resolve({ kind: 'unavailable' });
        confirming.abandon();
      }, options.confirmTimeoutMs);
      confirming.send(message, (outcome) => {
        timer.cancel();
        // A queue or binding that was declared is gone: the next publish declares anew.
        if (outcome.kind === 'failed') confirming.retire();
        resolve(outcome);
      });
    });
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

interface Confirming {
  send(message: Outgoing, settle: (outcome: PublishOutcome) => void): void;
  /** Takes no more messages; closes once what it sent is confirmed. */
  retire(): void;
  /** Closes now; what is unconfirmed counts as unavailable. */
  abandon(): void;
}

/** A confirm channel that knows which messages came back: the return of a message precedes its confirm. */
async function openConfirming(
  model: ChannelModel,
  declare: (channel: Channel) => Promise<void>,
  onClosed: () => void,
): Promise<Confirming> {
  const channel: ConfirmChannel = await model.createConfirmChannel();
  const returned = new Set<string>();
  channel.on('error', () => undefined);
  channel.on('close', onClosed);
  channel.on('return', ({ properties }) => returned.add(properties.messageId as string));
  await declare(channel);

  const abandon = () => {
    onClosed();
    // Throws at once where the channel is closing already.
    void (async () => channel.close())().catch(() => undefined);
  };
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
      const { messageId } = properties;
      try {
        channel.publish(exchange, routingKey, body, { ...properties, mandatory }, (error: unknown) => {
          if (error) settle({ kind: 'unavailable' });
          else if (returned.delete(messageId)) settle({ kind: 'failed', reason: 'unroutable' });
          else settle({ kind: 'confirmed' });
        });
      } catch {
        settle({ kind: 'unavailable' });
      }
    },
  };
}

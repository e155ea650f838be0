import { randomUUID } from 'node:crypto';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import { printable } from '../printable';
import { reasonText } from '../reason-text';
import type { DeadLetter, DeadLetters } from '../transport';
import type { BrokerConnection } from './connection';
import { copiedProperties, fitShortString } from './fit';
import { attemptOf, deadAtHeader, reasonOf } from './headers';
import type { PutBack } from './put-back';
import type { Names } from './topology';

export interface DeadLetterQueueOptions {
  readonly connection: BrokerConnection;
  readonly clock: Clock;
  readonly names: Names;
  readonly putBack: PutBack;
}

const maxRead = 1_000;
/** Maximum wait until messages that were only read are back in the queue; another reader may hold some, ms. */
const returnedWithinMs = 2_000;

/**
 * Dead letters on the broker. A queue can only be read from its head: listing consumes the messages and returns them by
 * closing the channel.
 */
export function createDeadLetterQueue({
  connection,
  clock,
  names,
  putBack,
}: DeadLetterQueueOptions): DeadLetters {
  /** Visits each message once, oldest first, until `visit` says stop; unsettled messages are returned. */
  async function walk(
    group: string,
    limit: number,
    visit: (message: GetMessage) => Promise<'keep' | 'remove' | 'stop'>,
  ): Promise<number> {
    const queue = names.deadQueue(group);
    const model = await connected(connection, clock);
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    let messageCount = 0;
    let removed = 0;
    let taken = 0;
    try {
      messageCount = await countOf(channel, queue);
      for (let seen = 0; seen < Math.min(messageCount, limit); seen += 1) {
        const message = await channel.get(queue);
        if (!message) break;
        taken += 1;
        const verdict = await visit(message);
        if (verdict === 'stop') break;
        if (verdict === 'keep') continue;
        channel.ack(message);
        removed += 1;
      }
    } finally {
      await (async () => channel.close())().catch(() => undefined);
      if (taken > removed) await areBack(model, queue, messageCount - removed).catch(() => undefined);
    }
    return removed;
  }

  /** A quorum queue takes messages back shortly after the channel is closed; the next reader must see them. */
  async function areBack(model: ChannelModel, queue: string, count: number): Promise<void> {
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    try {
      for (const until = clock.monotonic() + returnedWithinMs; clock.monotonic() < until;) {
        if ((await countOf(channel, queue)) >= count) return;
        await clock.sleep(10);
      }
    } finally {
      await channel.close();
    }
  }

  const matches = (message: GetMessage, which: { messageId: string } | 'all') =>
    which === 'all' || idOf(message) === which.messageId;

  return {
    async list(group, limit = 100) {
      const found: DeadLetter[] = [];
      await walk(group, Math.min(limit, maxRead), async (message) => {
        found.push(toDeadLetter(group, message));
        return 'keep';
      });
      return found;
    },

    async show(group, messageId) {
      let found: DeadLetter | undefined;
      await walk(group, maxRead, async (message) => {
        if (idOf(message) !== messageId) return 'keep';
        found = toDeadLetter(group, message);
        return 'stop';
      });
      return found;
    },

    async redrive(group, which) {
      const refusals: string[] = [];
      const count = await walk(group, Infinity, async (message) => {
        if (!matches(message, which)) return 'keep';
        const { properties } = message;
        const fate = await putBack(group, names.queue(group), message.content, {
          messageId: fitShortString(properties.messageId) ?? randomUUID(),
          ...copiedProperties(properties),
          persistent: true,
        });
        if (fate.kind === 'confirmed') return 'remove';
        const reason = 'reason' in fate ? fate.reason : fate.kind;
        if (fate.kind !== 'unfit')
          throw new Error(`the queue of ${group} did not take the message back: ${reason}`);
        // One that cannot be sent must not hold back the others.
        refusals.push(`${idOf(message)} (${reason})`);
        return 'keep';
      });
      if (refusals.length > 0)
        throw new Error(
          `sent again: ${count}; the queue of ${group} does not take back ${refusals.join(', ')}`,
        );
      return count;
    },

    drop: (group, which) =>
      walk(group, Infinity, async (message) => (matches(message, which) ? 'remove' : 'keep')),
  };
}

/** A group that never ran and whose events were never sent has no queues yet, and so no dead letters. */
const countOf = (channel: Channel, queue: string): Promise<number> =>
  channel.checkQueue(queue).then(
    ({ messageCount }) => messageCount,
    (error: { code?: unknown }) => {
      if (error.code === 404) return 0;
      throw error;
    },
  );

/** The command may have only just started to connect. */
async function connected(connection: BrokerConnection, clock: Clock): Promise<ChannelModel> {
  for (const until = clock.monotonic() + 10_000; clock.monotonic() < until;) {
    const model = connection.current();
    if (model) return model;
    await clock.sleep(20);
  }
  throw new Error('RabbitMQ cannot be reached');
}

/** The id under which an operator names it. */
const idOf = ({ properties }: GetMessage): string => shown(properties.messageId);

const shown = (property: unknown): string =>
  typeof property === 'string' && property !== '' ? printable(property) : 'unknown';

function toDeadLetter(group: string, message: GetMessage): DeadLetter {
  const { properties, content } = message;
  return {
    group,
    messageId: idOf(message),
    type: shown(properties.type),
    attempts: attemptOf(properties.headers),
    reason: reasonText(reasonOf(properties.headers)),
    deadAt: shown(properties.headers?.[deadAtHeader]),
    body: content.toString('utf8'),
  };
}

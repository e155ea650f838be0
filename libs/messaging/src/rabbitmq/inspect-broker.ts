import type { EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Channel, ChannelModel, Options } from 'amqplib';
import { connectTo } from './connect';
import { createNames, defaultRetryDelaysMs, groupTopology } from './topology';

export interface InspectOptions {
  /** amqp:// or amqps:// of the service's own user; one address. */
  readonly url: string;
  /** Certificate authorities in PEM to trust for amqps, instead of the well-known ones. */
  readonly ca?: string | undefined;
  readonly service: ServiceName;
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  /** Default 'bulkhead.'. */
  readonly prefix?: string | undefined;
  readonly retryDelaysMs?: readonly number[];
}

/** What a service's user finds at the broker. Nothing that it needs is refused or missing where all lists are empty. */
export interface BrokerState {
  /** As in 4.2.1. */
  readonly version: string;
  /** Types of its own events that it may not publish. */
  readonly unpublishable: readonly string[];
  /** Queues of its own groups that it may not read. */
  readonly unreadable: readonly string[];
  /** Exchanges of its own groups to which it may not put messages back. */
  readonly unreturnable: readonly string[];
  /** Queues that are there with other arguments than this release declares. */
  readonly different: readonly string[];
  /** Queues and exchanges that are not there. */
  readonly missing: readonly string[];
  /** May it declare what is missing? Then the service does so itself. */
  readonly declares: boolean;
}

/**
 * Looks at the broker with the eyes of a service, and changes nothing. The protocol has no question "may I?", so what is
 * asked for is something that no broker does, and that is refused for lack of permission first (403) and for being wrong
 * only then (406): a message in the name of another user, a consumer whose priority is no number, a queue whose messages
 * live for no number of ms.
 *
 * @throws amqplib's errors when the broker cannot be reached, or refuses the login or the virtual host
 */
export async function inspectBroker(options: InspectOptions): Promise<BrokerState> {
  const { service, subscriptions, catalog, retryDelaysMs = defaultRetryDelaysMs } = options;
  const model = await connectTo(options.url, { ca: options.ca, name: `${service} preflight` });
  model.on('error', () => undefined);
  try {
    const names = createNames(options.prefix ?? 'bulkhead.');
    const subscribed = subscriptions.filter((definition) => definition.service === service);
    const groups = subscribed.map(({ group }) => group);
    const heard = subscriptions
      .filter(({ events }) => events.some(({ source }) => source === service))
      .map(({ group }) => names.queue(group));
    const own = [...catalog.values()].filter(({ source }) => source === service).map(({ type }) => type);
    const queues = subscribed.flatMap((definition) => groupTopology(names, definition, retryDelaysMs).queues);
    const ask = (work: (channel: Channel) => Promise<unknown>) => replyTo(model, work);

    const version = versionOf(model);
    const returning = await ofEach(groups.map(names.backExchange), (exchange) =>
      ask(attemptToPublish(exchange, nobodysKey, asAnother)),
    );
    // RabbitMQ 4 judges the expiration before the type of event, and lets a user with the tag impersonator pass for another.
    const wrong = version.startsWith('3.') ? { ...asAnother, expiration: 'none' } : asAnother;
    const isImpersonator = [...returning.values()].includes(undefined);
    const publishing = await ofEach(isImpersonator ? [] : own, (type) =>
      ask(attemptToPublish(names.exchange, type, wrong)),
    );
    const reading = await ofEach(
      groups.flatMap((group) => [names.queue(group), names.deadQueue(group)]),
      (queue) => ask(attemptToConsume(queue)),
    );
    const present = await ofEach([...new Set([...queues.map(({ name }) => name), ...heard])], (queue) =>
      ask((channel) => channel.checkQueue(queue)),
    );
    const declaring = await ofEach(
      queues.map(({ name }) => name).filter((name) => present.get(name) === undefined),
      (name) =>
        ask((channel) =>
          channel.assertQueue(name, {
            durable: true,
            arguments: queues.find((each) => each.name === name)!.arguments,
          }),
        ),
    );
    const [some] = present.keys();
    const configuring = some === undefined ? undefined : await ask(attemptToDeclare(some));
    const withReply = (replies: ReadonlyMap<string, number | undefined>, reply: number) =>
      [...replies].filter(([, each]) => each === reply).map(([name]) => name);
    return {
      version,
      unpublishable: withReply(publishing, refused),
      unreadable: withReply(reading, refused),
      unreturnable: withReply(returning, refused),
      different: withReply(declaring, different),
      missing: [
        ...(withReply(publishing, absent).length > 0 ? [names.exchange] : []),
        ...withReply(returning, absent),
        ...withReply(present, absent),
      ],
      declares: configuring !== refused,
    };
  } finally {
    await model.close().catch(() => undefined);
  }
}

/** AMQP 0-9-1 reply codes. */
const refused = 403;
const absent = 404;
const different = 406;

const asAnother: Options.Publish = { userId: 'nobody, asked by preflight' };
/** Nothing is bound by it. */
const nobodysKey = 'preflight';

const attemptToPublish =
  (exchange: string, routingKey: string, properties: Options.Publish) => (channel: Channel) => {
    channel.publish(exchange, routingKey, Buffer.alloc(0), properties);
    // Its response comes after what became of the message.
    return channel.checkExchange(exchange);
  };

function versionOf(model: ChannelModel): string {
  // Not among its types.
  const { serverProperties } = model.connection as { serverProperties?: { version?: unknown } };
  return String(serverProperties?.version);
}

const attemptToConsume = (queue: string) => (channel: Channel) =>
  channel.consume(queue, () => undefined, { arguments: { 'x-priority': 'none' } });

const attemptToDeclare = (queue: string) => (channel: Channel) =>
  channel.assertQueue(queue, { arguments: { 'x-message-ttl': 'none' } });

/** @returns the code with which the broker closed the channel; undefined where it did not */
async function replyTo(
  model: ChannelModel,
  work: (channel: Channel) => Promise<unknown>,
): Promise<number | undefined> {
  const channel = await model.createChannel();
  let code: number | undefined;
  channel.on('error', (error: { code?: number }) => (code = error.code));
  const closed = new Promise((resolve) => channel.once('close', resolve));
  const isAnswered = await work(channel).then(
    () => true,
    () => false,
  );
  // The reason comes a moment after the call has failed.
  if (isAnswered) await channel.close();
  else await closed;
  return code;
}

async function ofEach(
  names: readonly string[],
  ask: (name: string) => Promise<number | undefined>,
): Promise<ReadonlyMap<string, number | undefined>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await ask(name)] as const)));
}

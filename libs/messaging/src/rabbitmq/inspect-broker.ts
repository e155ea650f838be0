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

/** What a service's user finds on the broker. If all lists are empty, nothing that it needs is refused or missing. */
export interface BrokerState {
  /** Such as 4.2.1. */
  readonly version: string;
  /** Types of its own events that it may not publish. */
  readonly unpublishable: readonly string[];
  /** Queues of its own groups that it may not read. */
  readonly unreadable: readonly string[];
  /** Exchanges of its own groups to which it may not put messages back. */
  readonly unreturnable: readonly string[];
  /** Queues that exist with other arguments than this release declares. */
  readonly different: readonly string[];
  /** Queues and exchanges that do not exist. */
  readonly missing: readonly string[];
  /** Whether it may declare what is missing. If so, the service does that itself. */
  readonly declares: boolean;
}

/**
 * Inspects the broker with a service's permissions and changes nothing. The protocol has no request that asks for
 * permissions, so this sends requests that no broker fulfils and that are refused first for lack of permission (403)
 * and only then as invalid (406): a message in the name of another user, a consumer whose priority is not a number, a
 * queue whose message TTL is not a number.
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
    // RabbitMQ 4 checks the expiration before the event type, and allows a user with the impersonator tag to use
    // another user's name.
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
/** No queue is bound by it. */
const nobodysKey = 'preflight';

const attemptToPublish =
  (exchange: string, routingKey: string, properties: Options.Publish) => (channel: Channel) => {
    channel.publish(exchange, routingKey, Buffer.alloc(0), properties);
    // Its response follows the message's outcome.
    return channel.checkExchange(exchange);
  };

function versionOf(model: ChannelModel): string {
  // Not one of its types.
  const { serverProperties } = model.connection as { serverProperties?: { version?: unknown } };
  return String(serverProperties?.version);
}

const attemptToConsume = (queue: string) => (channel: Channel) =>
  channel.consume(queue, () => undefined, { arguments: { 'x-priority': 'none' } });

const attemptToDeclare = (queue: string) => (channel: Channel) =>
  channel.assertQueue(queue, { arguments: { 'x-message-ttl': 'none' } });

/** @returns the code with which the broker closed the channel; undefined if it did not */
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
  // The reason arrives shortly after the call has failed.
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

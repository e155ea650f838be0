import { z } from 'zod';
import { CloudEvent, type EventDefinition, type SubscriptionDefinition } from './event';
import { exampleOf } from './examples';
import { extending } from './extending';
import { createComponents, type Json } from './openapi-components';

/** How to reach the broker; credentials and address depend on the installation. */
const servers = {
  broker: {
    host: '{host}',
    protocol: 'amqp',
    protocolVersion: '0.9.1',
    title: 'RabbitMQ',
    summary: 'The broker of a shop',
    description: 'RabbitMQ 3.10 or later. A shop in one process sends the same events within its database.',
    variables: {
      host: { default: 'localhost:5672', description: 'host and port', examples: ['rabbitmq:5672'] },
    },
    security: [{ type: 'userPassword', description: 'A user for each service (SASL PLAIN)' }],
  },
};

/** The exchange that every service publishes to (libs/messaging declares it). */
const exchange = { name: 'bulkhead.events', type: 'topic', durable: true, autoDelete: false };

/**
 * The AsyncAPI 3.1 document of all events, generated from the schemas that validate them when they are sent and
 * received: one channel per type, one operation for its sender and one for every consumer group.
 * @param events all events, by type
 * @param subscriptions the consumer groups
 */
export function createAsyncApi(
  events: ReadonlyMap<string, EventDefinition>,
  subscriptions: readonly SubscriptionDefinition[],
): Json {
  const components = createComponents();
  const definitions = [...events.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
  const channels = Object.fromEntries(
    definitions.map((definition) => [definition.type, describeChannel(definition)]),
  );
  const operations: Record<string, Json> = {};
  for (const { type, source } of definitions)
    operations[`${source}.sends.${type}`] = {
      action: 'send',
      summary: `${source} publishes it from its outbox`,
      channel: { $ref: `#/channels/${type}` },
      messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
    };
  for (const { group, service, events: heard } of subscriptions)
    for (const { type } of heard)
      operations[`${group}.hears.${type}`] = {
        action: 'receive',
        summary: `${service} consumes it from the queue bulkhead.${group}`,
        channel: { $ref: `#/channels/${type}` },
        messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
      };
  const messages = Object.fromEntries(
    definitions.map((definition) => [
      definition.type,
      {
        name: definition.type,
        title: titleOf(definition),
        summary: definition.description,
        contentType: 'application/cloudevents+json',
        tags: [{ name: definition.source }],
        payload: {
          schemaFormat: 'application/schema+json;version=draft-2020-12',
          schema: components.schemaOf(envelopeOf(definition), 'output'),
        },
        examples: [
          {
            name: 'complete',
            summary: 'With every field',
            payload: exampleOf(components.schemaOf(envelopeOf(definition), 'output'), components.all(), ''),
          },
        ],
      },
    ]),
  );
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Bulkhead shop events',
      version: '1',
      description:
        'CloudEvents 1.0 in JSON, in structured mode. Reading is open: fields a reader does not know are ignored. A ' +
        'version only ever gains optional fields; anything else is a new version beside it. Events may come twice, late ' +
        'and out of order: `id` names the event, `aggregateversion` the state of `subject` it speaks of.',
      contact: { name: 'The people who run the shop' },
      license: { name: 'MIT' },
      tags: [...new Set(definitions.map(({ source }) => source))]
        .sort()
        .map((name) => ({ name, description: `Events that ${name} sends` })),
    },
    defaultContentType: 'application/cloudevents+json',
    servers,
    channels,
    operations,
    components: { messages, schemas: titled(components.all()) },
  };
}

const describeChannel = ({ type, description }: EventDefinition): Json => ({
  address: type,
  description,
  messages: { [type]: { $ref: `#/components/messages/${type}` } },
  bindings: { amqp: { is: 'routingKey', exchange, bindingVersion: '0.3.0' } },
});

/** `order.placed.v1` as `OrderPlacedV1`. */
const titleOf = ({ type }: EventDefinition): string =>
  type.replaceAll(/(?:^|[.-])([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The envelope of all events, with the event's own data. */
const envelopeOf = (definition: EventDefinition) => {
  const { type, source, data, description } = definition;
  const name = titleOf(definition);
  return extending(
    CloudEvent,
    CloudEvent.extend({
      type: z.literal(type),
      source: z.literal(`/bulkhead/${source}`),
      data: z.looseObject(data.shape).meta({ id: `${name}Data`, description: `The data of ${type}` }),
    }).meta({ id: name, description }),
  );
};

/** Generators without support for components use the title as a name. */
const titled = (schemas: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, { title: name, ...schema }]));

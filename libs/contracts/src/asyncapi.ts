import { z } from 'zod';
import { CloudEvent, type EventDefinition, type SubscriptionDefinition } from './event';
import { createComponents, type Json } from './openapi-components';

/** The exchange that every service publishes to (libs/messaging declares it). */
const exchange = { name: 'bulkhead.events', type: 'topic', durable: true, autoDelete: false };

/**
 * The AsyncAPI 3.0 document of all events, made from the schemas that check them when they are sent and received: one
 * channel a type, one operation for whoever sends it and one for every consumer group that hears it.
 * @param events all events, by type
 * @param subscriptions who hears what
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
        summary: `${service} hears it on the queue bulkhead.${group}`,
        channel: { $ref: `#/channels/${type}` },
        messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
      };
  const messages = Object.fromEntries(
    definitions.map((definition) => [
      definition.type,
      {
        name: definition.type,
        title: definition.description,
        contentType: 'application/cloudevents+json',
        payload: {
          schemaFormat: 'application/schema+json;version=draft-2020-12',
          schema: components.schemaOf(envelopeOf(definition), 'output'),
        },
      },
    ]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Bulkhead shop events',
      version: '1',
      description:
        'CloudEvents 1.0 in JSON, in structured mode. Reading is open: fields a reader does not know are ignored. A ' +
        'version only ever gains optional fields; anything else is a new version beside it. Events may come twice, late ' +
        'and out of order: `id` names the event, `aggregateversion` the state of `subject` it speaks of.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels,
    operations,
    components: { messages, schemas: components.all() },
  };
}

const describeChannel = ({ type, description }: EventDefinition): Json => ({
  address: type,
  description,
  messages: { [type]: { $ref: `#/components/messages/${type}` } },
  bindings: { amqp: { is: 'routingKey', exchange, bindingVersion: '0.3.0' } },
});

const envelopeOf = ({ type, source, data }: EventDefinition) =>
  CloudEvent.extend({
    type: z.literal(type),
    source: z.literal(`/bulkhead/${source}`),
    data: z.looseObject(data.shape),
  });

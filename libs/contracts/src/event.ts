import { z } from 'zod';
import { Id, Timestamp } from './primitives';
import type { ServiceName } from './services';

/** The contract of one type of event. Types are named `<aggregate>.<past tense>.v<major>`. */
export interface EventDefinition {
  readonly type: string;
  /** The service that sends it. */
  readonly source: ServiceName;
  readonly description: string;
  /** The payload. Unknown fields are rejected when sending (they are a bug of ours) and ignored when reading. */
  readonly data: z.ZodObject;
}

export const defineEvent = <const D extends EventDefinition>(definition: D): D => definition;

/** Data of an event type as read. */
export type DataOf<D extends EventDefinition> = z.output<D['data']>;

/**
 * CloudEvents 1.0 in JSON with the `traceparent` extension and our `aggregateversion`: the version of the event's
 * subject, so that a reader can ignore events older than what it has.
 */
export const CloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: Id,
    source: z
      .string()
      .regex(/^\/bulkhead\/[a-z]+$/)
      .meta({ description: 'the service that sends it', examples: ['/bulkhead/order'] }),
    type: z
      .string()
      .regex(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$/)
      .meta({ description: 'what happened', examples: ['order.placed.v1'] }),
    subject: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'id of what it speaks of', examples: ['0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a'] }),
    time: Timestamp,
    datacontenttype: z.literal('application/json'),
    aggregateversion: z
      .int()
      .min(0)
      .meta({ description: 'version of the subject', examples: [3] }),
    traceparent: z
      .string()
      .optional()
      .meta({
        description: 'W3C Trace Context',
        examples: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
      }),
    tracestate: z
      .string()
      .optional()
      .meta({ description: 'W3C Trace Context', examples: ['vendor=1'] }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({
    id: 'CloudEvent',
    description:
      'CloudEvents 1.0 in JSON, with the extensions `traceparent`, `tracestate` and `aggregateversion`',
  });

export interface CloudEvent<Data = Record<string, unknown>> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly aggregateversion: number;
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly data: Data;
}

/** An event as created by a use case; the outbox adds id, time, source and trace. */
export interface NewEvent<D extends EventDefinition = EventDefinition> {
  readonly definition: D;
  /** Id of the aggregate. */
  readonly subject: string;
  readonly aggregateVersion: number;
  readonly data: z.input<D['data']>;
}

/** A consumer group: one queue, and one subscriber in its service that handles these events. */
export interface SubscriptionDefinition {
  /** `<service>.<purpose>`; names the queue `bulkhead.<group>`. */
  readonly group: string;
  readonly service: ServiceName;
  readonly events: readonly EventDefinition[];
}

export const defineSubscription = <const S extends SubscriptionDefinition>(subscription: S): S =>
  subscription;

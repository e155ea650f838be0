import type { Attributes, Tracing } from './trace';

/** What `libs/messaging` reports about a message being sent or handled. */
export interface MessageSpan {
  readonly name: string;
  readonly kind: 'consumer' | 'client';
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly attributes: Attributes;
}

/**
 * When a message was created, from its id.
 * @param id a UUIDv7, whose first 48 bits are ms since the Unix epoch (RFC 9562 §5.7)
 * @returns ms since the Unix epoch; undefined for any other id, such as those of messages from elsewhere
 */
export const madeAt = (id: string): number | undefined =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

/** Runs the work in a span that continues the trace in which the message was created. */
export const runInMessageSpan =
  (tracing: Tracing) =>
  <T>(message: MessageSpan, work: () => Promise<T>): Promise<T> =>
    tracing.span(
      message.name,
      {
        kind: message.kind,
        parent: tracing.fromTraceparent(message.traceparent, message.tracestate),
        parentMadeAt: madeAt(String(message.attributes['messaging.message.id'])),
        attributes: message.attributes,
      },
      work,
    );

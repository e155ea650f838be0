import type { Attributes, Tracing } from './trace';

/** What `libs/messaging` tells of a message being sent or handled. */
export interface MessageSpan {
  readonly name: string;
  readonly kind: 'consumer' | 'client';
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly attributes: Attributes;
}

/** Runs the work in a span that continues the trace in which the message was made. */
export const runInMessageSpan =
  (tracing: Tracing) =>
  <T>(message: MessageSpan, work: () => Promise<T>): Promise<T> =>
    tracing.span(
      message.name,
      {
        kind: message.kind,
        parent: tracing.extract(message.traceparent, message.tracestate),
        attributes: message.attributes,
      },
      work,
    );

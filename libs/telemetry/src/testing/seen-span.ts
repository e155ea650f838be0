import { type Attributes, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What a test looks at of a span that was handed to a sink. Times are ms since the Unix epoch. */
export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly status: string;
  readonly statusMessage: string | undefined;
  readonly attributes: Attributes;
  readonly events: ReadableSpan['events'];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly service: unknown;
}

const ms = ([seconds, nanoseconds]: HrTime) => seconds * 1_000 + nanoseconds / 1e6;

export const seenSpan = (span: ReadableSpan): SeenSpan => ({
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: span.parentSpanContext?.spanId,
  name: span.name,
  kind: SpanKind[span.kind],
  start: ms(span.startTime),
  end: ms(span.endTime),
  status: SpanStatusCode[span.status.code].toLowerCase(),
  statusMessage: span.status.message,
  attributes: span.attributes,
  events: span.events,
  links: span.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
  service: span.resource.attributes['service.name'],
});

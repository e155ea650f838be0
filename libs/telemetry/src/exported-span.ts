import { type Attributes, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { scrub } from './scrub';

type Mutable = { -readonly [K in keyof ReadableSpan]: ReadableSpan[K] };

/**
 * A span in the form in which it may leave the process: strings scrubbed as in logs, with the sampled flag set, with
 * this resource and with `more` attributes. Returns the span itself if nothing changes.
 */
export function exported(
  span: ReadableSpan,
  resource: ReadableSpan['resource'],
  more?: Readonly<Attributes>,
): ReadableSpan {
  const attributes = scrubbed(span.attributes);
  const message = span.status.message === undefined ? undefined : scrub(span.status.message);
  const events = scrubbedEvents(span.events);
  const context = span.spanContext();
  const isSampled = (context.traceFlags & TraceFlags.SAMPLED) !== 0;
  const isUnchanged =
    attributes === span.attributes &&
    message === span.status.message &&
    events === span.events &&
    isSampled &&
    resource === span.resource &&
    more === undefined;
  if (isUnchanged) return span;
  const view = Object.create(span) as Mutable;
  view.attributes = more ? { ...attributes, ...more } : attributes;
  view.status = message === undefined ? span.status : { ...span.status, message };
  view.events = events;
  view.resource = resource;
  if (!isSampled) {
    const sampled = { ...context, traceFlags: context.traceFlags | TraceFlags.SAMPLED };
    view.spanContext = () => sampled;
  }
  return view;
}

function scrubbedEvents(events: ReadableSpan['events']): ReadableSpan['events'] {
  let copy: ReadableSpan['events'] | undefined;
  events.forEach((event, index) => {
    const attributes = event.attributes && scrubbed(event.attributes);
    if (attributes && attributes !== event.attributes)
      (copy ??= [...events])[index] = { ...event, attributes };
  });
  return copy ?? events;
}

/** The same object if nothing had to be removed. */
function scrubbed(attributes: Attributes): Attributes {
  let copy: Attributes | undefined;
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value !== 'string') continue;
    const clean = scrub(value);
    if (clean !== value) (copy ??= { ...attributes })[name] = clean;
  }
  return copy ?? attributes;
}

import { CloudEvent, type EventDefinition, type NewEvent } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { z } from 'zod';
import { PoisonMessage } from './subscription';

/** Maximum size of an event, in bytes of JSON. */
export const maxEventBytes = 256 * 1024;

export interface Envelope {
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly source: ServiceName;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly trace: { readonly traceparent?: string; readonly tracestate?: string };
}

/**
 * The CloudEvent (1.0, JSON format) of a new event. Unknown fields are rejected when sending.
 * @throws Error when the event is not in the catalog, not this service's, does not match its schema or is too large
 */
export function encodeEvent(event: NewEvent<EventDefinition>, envelope: Envelope): CloudEvent {
  const { type, source } = event.definition;
  const refuse = (why: string): never => {
    throw new Error(`event ${type} cannot be sent: ${why}`);
  };
  if (!envelope.catalog.has(type)) refuse('it is not in the catalog');
  if (source !== envelope.source) refuse(`it is ${source}'s, not ${envelope.source}'s`);

  const data = event.definition.data.safeParse(event.data);
  if (!data.success) refuse(describe(data.error));
  const unknown = unknownField(event.data, data.data);
  if (unknown !== undefined) refuse(`${unknown} is not in its schema`);

  const { traceparent, tracestate } = envelope.trace;
  const encoded: CloudEvent = {
    specversion: '1.0',
    id: envelope.id,
    source: `/bulkhead/${source}`,
    type,
    subject: event.subject,
    time: envelope.time,
    datacontenttype: 'application/json',
    aggregateversion: event.aggregateVersion,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
    data: event.data,
  };
  const checked = CloudEvent.safeParse(encoded);
  if (!checked.success) refuse(describe(checked.error));
  const size = Buffer.byteLength(JSON.stringify(encoded));
  if (size > maxEventBytes) refuse(`it is ${size} bytes, over ${maxEventBytes}`);
  return encoded;
}

/**
 * The event in a message. Unknown fields are ignored when reading.
 * @throws PoisonMessage whose message begins with the reason: too-large, not-json, not-a-cloud-event, unknown-type,
 *   unknown-version or invalid-data
 */
export function decodeEvent(body: Buffer, catalog: ReadonlyMap<string, EventDefinition>): CloudEvent {
  if (body.length > maxEventBytes) throw new PoisonMessage(`too-large: ${body.length} bytes`);
  const envelope = CloudEvent.safeParse(parseJson(body));
  if (!envelope.success) throw new PoisonMessage(`not-a-cloud-event: ${describe(envelope.error)}`);
  const definition = catalog.get(envelope.data.type) ?? unknownType(envelope.data.type, catalog);
  const data = definition.data.safeParse(envelope.data.data);
  if (!data.success) throw new PoisonMessage(`invalid-data: ${describe(data.error)}`);
  return { ...(envelope.data as CloudEvent), data: data.data };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new PoisonMessage('not-json: the body is not JSON in UTF-8');
  }
}

function unknownType(type: string, catalog: ReadonlyMap<string, EventDefinition>): never {
  const nameOf = (versioned: string) => versioned.replace(/\.v[0-9]+$/, '');
  const known = [...catalog.keys()].some((other) => nameOf(other) === nameOf(type));
  throw new PoisonMessage(`${known ? 'unknown-version' : 'unknown-type'}: ${type}`);
}

/** JSON pointers and expectations, never the values: reasons are shown to operators. */
const describe = (error: z.ZodError): string =>
  error.issues
    .slice(0, 3)
    .map((issue) => `/${issue.path.join('/')} ${issue.message}`)
    .join('; ');

/** The first field of `given` that was dropped by parsing, as a pointer. */
function unknownField(given: unknown, parsed: unknown, pointer = ''): string | undefined {
  if (typeof given !== 'object' || given === null || typeof parsed !== 'object' || parsed === null)
    return undefined;
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(parsed, key)) return `${pointer}/${key}`;
    const inner = unknownField(value, (parsed as Record<string, unknown>)[key], `${pointer}/${key}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

import type { Json } from '../openapi-components';
import { findUnreadable } from './schemas';

/**
 * Changes in a new AsyncAPI document that break consumers or stored events of the old one: an event type or version
 * that was removed, has another sender or channel, or whose payload either old consumers cannot read, or new ones in
 * old events. New types and optional fields are compatible. @returns one sentence per change
 */
export function findBreakingEventChanges(before: Json, after: Json): string[] {
  const present = messagesOf(after);
  return [...messagesOf(before)].flatMap(([type, payload]) => {
    const now = present.get(type);
    if (now === undefined) return [`${type}: the event is gone`];
    const old = { schema: payload, document: before };
    const current = { schema: now, document: after };
    return [
      ...addressChange(type, before, after),
      ...findUnreadable(current, old, { readerIsOld: true }).map(
        ({ place, detail }) => `${type}: for consumers of before, ${place}: ${detail}`,
      ),
      ...findUnreadable(old, current, { readerIsOld: false }).map(
        ({ place, detail }) => `${type}: for events of before, ${place}: ${detail}`,
      ),
    ];
  });
}

/** The schema of every message, by its name. */
export function messagesOf(document: Json): Map<string, unknown> {
  const { messages = {} } = (document['components'] ?? {}) as {
    messages?: Record<string, { payload: { schema: unknown } }>;
  };
  return new Map(Object.entries(messages).map(([name, { payload }]) => [name, payload.schema]));
}

function addressChange(type: string, before: Json, after: Json): string[] {
  const addressOf = (document: Json) =>
    (document['channels'] as Record<string, { address: string }> | undefined)?.[type]?.address;
  return addressOf(before) === addressOf(after)
    ? []
    : [`${type}: it was sent to ${String(addressOf(before))} and is sent to ${String(addressOf(after))}`];
}

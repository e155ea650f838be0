import { readEvents as eventsIn, type StreamedEvent } from '@bulkhead/client/event-stream';

/**
 * Reads events from a response's body. EventSource cannot be used, because it cannot send an Authorization header, and
 * a token does not belong in a URL. Events without data, such as heartbeats, are skipped, but reported to `onBytes`.
 */
export const readEvents = (
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => undefined,
): AsyncGenerator<StreamedEvent> => eventsIn(chunksOf(body, onBytes));

/** Not all browsers support async iteration of streams. */
async function* chunksOf(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

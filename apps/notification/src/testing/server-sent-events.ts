import type { Notification } from '@bulkhead/contracts/notification/api';
import { eventually } from '@bulkhead/testing/eventually';

export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Partial<Notification>;
}

export interface OpenStream {
  readonly status: number;
  readonly events: readonly ReceivedEvent[];
  /** The events with this name, once there are `count` of them. */
  waitFor(event: string, count: number): Promise<readonly ReceivedEvent[]>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Reads server-sent events like a browser does. */
export async function openStream(url: string, headers: Record<string, string>): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: ReceivedEvent[] = [];
  const read = async () => {
    let pending = '';
    const decoder = new TextDecoder();
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      const blocks = (pending + decoder.decode(chunk, { stream: true })).split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) continue;
        const fields = Object.fromEntries(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        ) as Record<string, string>;
        events.push({
          id: fields['id']!,
          event: fields['event']!,
          data: JSON.parse(fields['data']!) as Partial<Notification>,
        });
      }
    }
  };
  const ended = read().catch(() => undefined);
  return {
    status: response.status,
    events,
    ended,
    waitFor: (event, count) =>
      eventually(
        () => {
          const found = events.filter((each) => each.event === event);
          return found.length >= count ? found : false;
        },
        { what: `${count} events ${event}` },
      ),
    close: () => abort.abort(),
  };
}

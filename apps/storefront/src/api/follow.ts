import type { StreamedEvent } from '@bulkhead/client/event-stream';
import { ApiProblem, isTemporary } from './problems';
import type { RequestOptions } from './request';
import { readEvents } from './server-sent-events';

export interface FollowOptions {
  readonly path: string;
  readonly send: (path: string, options: RequestOptions) => Promise<Response>;
  /** @returns `over` if there will be no further events */
  readonly onEvent: (event: StreamedEvent) => 'over' | void;
  /** Whether events arrive; if not, the caller loads the current state at each call. */
  readonly onConnection: (state: 'live' | 'interrupted') => void;
  readonly signal: AbortSignal;
}

/** The server sends a heartbeat every 15 s: a connection that is silent for longer than two of them is dead. */
const silenceMs = 40_000;
const pausesMs = [500, 1_000, 2_000, 4_000];

/**
 * Follows server-sent events until they are over or `signal` aborts: resumes after the last event if a connection
 * breaks, the computer slept or an access token expired.
 * @throws ApiProblem if a retry would not help
 */
export async function follow({ path, send, onEvent, onConnection, signal }: FollowOptions): Promise<void> {
  let lastId: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const silence = new AbortController();
    let watchdog = setTimeout(() => silence.abort(), silenceMs);
    const onBytes = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), silenceMs);
      failures = 0;
      onConnection('live');
    };
    try {
      const { body } = await send(path, {
        isStream: true,
        signal: AbortSignal.any([signal, silence.signal]),
        headers: {
          accept: 'text/event-stream',
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
      });
      if (!body) return;
      for await (const event of readEvents(body, onBytes)) {
        lastId = event.id ?? lastId;
        if (onEvent(event) === 'over') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && !isTemporary(error)) throw error;
    } finally {
      clearTimeout(watchdog);
    }
    failures += 1;
    if (failures > 1) onConnection('interrupted');
    await pause(pausesMs[Math.min(failures, pausesMs.length) - 1] ?? 0, signal);
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

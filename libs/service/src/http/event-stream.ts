import type { ServerResponse } from 'node:http';
import { endWithClient } from './half-close';

/** One message of a stream (WHATWG HTML §9.2 server-sent events). */
export interface StreamMessage {
  /** Sent back as Last-Event-ID when the client resumes. */
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

/** An open stream to one client. */
export interface EventStream {
  /** The id after which a resuming client wants to continue. */
  readonly lastEventId: string | undefined;
  /** Aborts when the client disconnects or the service shuts down. */
  readonly signal: AbortSignal;
  /**
   * Writes one message. Resolves once the client can take more, so that a slow client slows its own stream and its
   * backlog stays bounded; rejects when the stream is closed.
   */
  send(message: StreamMessage): Promise<void>;
}

const heartbeatMs = 15_000;

/** Server-sent events over an HTTP response, with heartbeats. Headers are sent with the first message or heartbeat. */
export function openEventStream(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  lastEventId: string | undefined,
  shutdown: AbortSignal,
): EventStream & { close(): void; readonly started: boolean } {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, shutdown]);
  let started = false;
  const start = () => {
    // In one process the gateway may have responded already, or ended the stream.
    if (started || response.headersSent) return;
    started = true;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  };
  const heartbeat = setInterval(() => {
    start();
    if (!response.writableEnded && !response.writableNeedDrain) response.write(': heartbeat\n\n');
  }, heartbeatMs);
  heartbeat.unref();
  endWithClient(response);
  response.once('close', () => {
    clearInterval(heartbeat);
    gone.abort(new Error('the client closed the stream'));
  });

  return {
    lastEventId,
    signal,
    get started() {
      return started;
    },
    async send(message) {
      if (response.writableEnded) gone.abort(new Error('the stream has been ended'));
      signal.throwIfAborted();
      start();
      if (!response.write(encode(message))) await drained(response, signal);
    },
    close() {
      clearInterval(heartbeat);
      start();
      response.end();
    },
  };
}

const encode = ({ id, event, data }: StreamMessage): string =>
  `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = () => {
      response.removeListener('drain', onDrain);
      reject(signal.reason as Error);
    };
    response.once('drain', onDrain);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

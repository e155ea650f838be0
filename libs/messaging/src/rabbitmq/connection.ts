import type { Socket } from 'node:net';
import type { Clock } from '@bulkhead/resilience/clock';
import { type ChannelModel, connect } from 'amqplib';
import { createBackoff } from '../backoff';
import type { MessagingObserver } from '../observer';
import { dropLargeHeaders } from './drop-large-headers';
import { writeTogether } from './write-together';

export interface ConnectionOptions {
  /** amqp:// or amqps:// */
  readonly url: string;
  readonly ca?: string | Buffer;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly clock: Clock;
  readonly observer: MessagingObserver;
  readonly random: () => number;
  /** Shortest and longest wait between two attempts to connect, ms. Default 100 and 5,000. */
  readonly reconnectMs?: { readonly min: number; readonly max: number };
  /** Called with every new connection; whatever lives on channels is made anew here. */
  readonly onConnected?: (model: ChannelModel) => void;
}

/** One connection to the broker that comes back by itself, with jittered backoff, until closed. */
export interface BrokerConnection {
  /** The live connection; undefined while there is none. */
  current(): ChannelModel | undefined;
  /** The broker has stopped reading from us (memory or disk alarm). */
  isBlocked(): boolean;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;
/** A broker that does not answer the goodbye is left without one. */
const closeTimeoutMs = 3_000;
const heartbeatSeconds = 10;

export function openConnection(options: ConnectionOptions): BrokerConnection {
  const { clock, observer, name } = options;
  const closing = new AbortController();
  const backoff = createBackoff({
    minMs: options.reconnectMs?.min ?? 100,
    maxMs: options.reconnectMs?.max ?? 5_000,
    random: options.random,
  });
  let model: ChannelModel | undefined;
  let blocked = false;

  async function connectOnce(): Promise<void> {
    const connected = await connect(withHeartbeat(options.url), {
      timeout: connectTimeoutMs,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name },
      ...(options.ca !== undefined && { ca: [options.ca] }),
    });
    // Not among its types, but where every frame goes and comes from.
    const { stream } = connected.connection as unknown as { readonly stream: Socket };
    writeTogether(stream);
    dropLargeHeaders(stream);
    const closed = new Promise<void>((resolve) => {
      let cause: unknown;
      connected.on('error', (error: unknown) => (cause = error));
      connected.on('handler-error', (error) => observer.trouble?.({ where: name, error }));
      connected.on('blocked', () => {
        blocked = true;
        observer.connection?.({ name, state: 'blocked' });
      });
      connected.on('unblocked', () => {
        blocked = false;
        observer.connection?.({ name, state: 'unblocked' });
      });
      connected.on('close', (error) => {
        model = undefined;
        blocked = false;
        if (!closing.signal.aborted) observer.connection?.({ name, state: 'down', error: cause ?? error });
        resolve();
      });
    });
    if (closing.signal.aborted) return connected.close();
    backoff.reset();
    model = connected;
    observer.connection?.({ name, state: 'up' });
    options.onConnected?.(connected);
    await closed;
  }

  async function keepConnected(): Promise<void> {
    while (!closing.signal.aborted) {
      await connectOnce().catch((error: unknown) => {
        if (!closing.signal.aborted) observer.connection?.({ name, state: 'down', error });
      });
      await clock.sleep(backoff.next(), closing.signal).catch(() => undefined);
    }
  }

  const kept = keepConnected();

  return {
    current: () => model,
    isBlocked: () => blocked,
    async close() {
      closing.abort();
      const closed = Promise.resolve(model?.close()).catch(() => undefined);
      const done = new AbortController();
      const tooLate = clock.sleep(closeTimeoutMs, done.signal).catch(() => undefined);
      await Promise.race([closed.then(() => kept), tooLate]);
      done.abort();
    },
  };
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  return parsed.toString();
}

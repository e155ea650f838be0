import type { Clock } from '@bulkhead/resilience/clock';
import { createLogins, type GivenLogins } from '@bulkhead/resilience/logins';
import type { ChannelModel } from 'amqplib';
import { createBackoff } from '@bulkhead/durable/backoff';
import type { MessagingObserver } from '../observer';
import { brokerAddresses } from './broker-addresses';
import { connectForMessages } from './connect';
import type { ClientCertificate } from './login';

export interface ConnectionOptions {
  /**
   * One URL or several; see `brokerAddresses`. Several sets of credentials during a password change. A function is
   * called for each attempt to connect.
   */
  readonly url: GivenLogins;
  /** A function is called for each attempt to connect. */
  readonly ca?: string | Buffer | (() => string);
  /** Called for each attempt to connect. Without a user in the URL, the certificate authenticates. */
  readonly certificate?: (() => ClientCertificate) | undefined;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly clock: Clock;
  readonly observer: MessagingObserver;
  readonly random: () => number;
  /** Minimum and maximum delay between two attempts to connect, ms. Default 100 and 5,000. */
  readonly reconnectMs?: { readonly min: number; readonly max: number };
  /** Called with every new connection; channels and everything on them are created again here. */
  readonly onConnected?: (model: ChannelModel) => void;
}

/**
 * One connection to a broker that reconnects automatically until closed, with jittered backoff: to the next address
 * whenever it could not be made or was lost.
 */
export interface BrokerConnection {
  /** The live connection; undefined while there is none. */
  current(): ChannelModel | undefined;
  /** The broker has stopped reading from this connection (memory or disk alarm). */
  isBlocked(): boolean;
  close(): Promise<void>;
}

/** A broker that does not respond to the close within this time is not waited for. */
const closeTimeoutMs = 3_000;
/** A connection that lived at least this long was healthy, ms. */
const stableAfterMs = 1_000;

export function openConnection(options: ConnectionOptions): BrokerConnection {
  const { clock, observer, name } = options;
  const closing = new AbortController();
  const backoff = createBackoff({
    minMs: options.reconnectMs?.min ?? 100,
    maxMs: options.reconnectMs?.max ?? 5_000,
    random: options.random,
  });
  const logins = createLogins(options.url);
  let model: ChannelModel | undefined;
  let blocked = false;

  const caNow = () => (typeof options.ca === 'function' ? options.ca() : options.ca);

  /** Connects to the current address, with the first credentials that the broker does not refuse. */
  async function signIn(turn: number): Promise<ChannelModel> {
    const inOrder = logins.inOrder();
    for (const [index, login] of inOrder.entries()) {
      try {
        const connected = await connectForMessages(addressOf(login, turn), {
          ca: caNow(),
          name,
          ...options.certificate?.(),
        });
        logins.prefer(login);
        return connected;
      } catch (error) {
        if (index + 1 === inOrder.length || !isLoginRefused(error)) throw error;
      }
    }
    throw new Error('no login is given');
  }

  async function connectOnce(turn: number, host: string): Promise<void> {
    const connected = await signIn(turn);
    const closed = new Promise<void>((resolve) => {
      let cause: unknown;
      connected.on('error', (error: unknown) => (cause = error));
      connected.on('handler-error', (error) => observer.trouble?.({ where: name, error }));
      connected.on('blocked', (reason: unknown) => {
        blocked = true;
        observer.connection?.({ name, host, state: 'blocked', error: reason });
      });
      connected.on('unblocked', () => {
        blocked = false;
        observer.connection?.({ name, host, state: 'unblocked' });
      });
      connected.on('close', (error) => {
        model = undefined;
        blocked = false;
        if (!closing.signal.aborted)
          observer.connection?.({ name, host, state: 'down', error: cause ?? error });
        resolve();
      });
    });
    if (closing.signal.aborted) return connected.close();
    const since = clock.monotonic();
    model = connected;
    observer.connection?.({ name, host, state: 'up' });
    options.onConnected?.(connected);
    await closed;
    // A broker that accepts the connection and closes it again is not contacted more often.
    if (clock.monotonic() - since > stableAfterMs) backoff.reset();
  }

  async function keepConnected(): Promise<void> {
    for (let turn = 0; !closing.signal.aborted; turn += 1) {
      let host: string | undefined;
      try {
        ({ host } = new URL(addressOf(logins.inOrder()[0]!, turn)));
        await connectOnce(turn, host);
      } catch (error) {
        if (!closing.signal.aborted) observer.connection?.({ name, host, state: 'down', error });
      }
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

/** @param turn counts the attempts, so that the addresses take turns */
function addressOf(login: string, turn: number): string {
  const addresses = brokerAddresses(login);
  return addresses[turn % addresses.length]!;
}

/** amqplib reports it only as text: "Handshake terminated by server: 403 (ACCESS-REFUSED) …". */
const isLoginRefused = (error: unknown) =>
  error instanceof Error && /\b403 \(ACCESS.REFUSED\)/.test(error.message);

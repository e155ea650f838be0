import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { type Clock, systemClock } from '@bulkhead/resilience/clock';
import { BalancedPool, Dispatcher } from 'undici';

/** Most bytes taken as a peer's answer. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** Addresses older than this are looked up anew while the ones that are known still serve. */
const staleMs = 2_000;
/** Addresses older than this, of a peer that nobody called, are looked up before anything is sent. */
const expiredMs = 15_000;

/** Finds the origins behind a peer's address: one for every pod that is ready, where its name is a headless Service's. */
export type Resolve = (peer: URL) => Promise<readonly string[]>;

export interface PeerPoolOptions {
  /** Most connections to each pod. */
  readonly connections: number;
  readonly clock?: Clock;
  readonly resolve?: Resolve;
}

/**
 * Keep-alive connections to all pods of one peer, which get its requests in turn. A connection through a Service's virtual
 * address stays with one pod for as long as it lives, so a pod that comes later would get next to nothing: here each pod
 * has connections of its own, and one that fails to take them gets fewer (undici's BalancedPool). Pods that come and go are
 * seen in DNS within 2 s of use, which is less than a pod goes on serving after it left (`shutdown.sleepSeconds`).
 */
export class PeerPool extends Dispatcher {
  readonly #pods: BalancedPool;
  readonly #peer: URL;
  readonly #clock: Clock;
  readonly #resolve: Resolve;
  #known = new Set<string>();
  #resolvedAt = -Infinity;
  #resolving: Promise<void> | undefined;

  /** @param origin of the peer, such as http://shop-product-pods:8080 */
  constructor(origin: string, { connections, clock = systemClock, resolve = lookUp }: PeerPoolOptions) {
    super();
    this.#peer = new URL(origin);
    this.#clock = clock;
    this.#resolve = resolve;
    this.#pods = new BalancedPool([], {
      connections,
      pipelining: 1,
      connectTimeout: 2_000,
      // Below the 65 s of our servers: the client lets go first, so a request never meets a closing connection.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      // Where the name is that of a virtual address after all, new pods get their share as connections are renewed.
      clientTtl: 25_000 + Math.random() * 5_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxAnswerBytes,
    });
    if (isIP(this.#peer.hostname.replaceAll(/[[\]]/g, '')) !== 0) this.#take([this.#peer.origin], Infinity);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const age = this.#clock.monotonic() - this.#resolvedAt;
    if (age <= staleMs) return this.#pods.dispatch(options, handler);
    const resolving = this.#refresh();
    if (age <= expiredMs && this.#known.size > 0) return this.#pods.dispatch(options, handler);
    resolving
      .then(() => {
        if (this.#known.size === 0) throw notFound(this.#peer);
        this.#pods.dispatch(options, handler);
      })
      .catch((error: Error) => handler.onResponseError?.(undefined as never, error));
    return true;
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    return callback ? this.#pods.close(callback) : this.#pods.close();
  }

  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(): Promise<void> {
    return this.#pods.destroy();
  }

  #refresh(): Promise<void> {
    this.#resolving ??= this.#resolve(this.#peer)
      .then((origins) => this.#take(origins, this.#clock.monotonic()))
      .catch((error: unknown) => {
        // A name server that does not answer says nothing about the pods; one that knows no pods does.
        if ((error as { code?: string }).code === 'ENOTFOUND') this.#take([], -Infinity);
      })
      .finally(() => (this.#resolving = undefined));
    return this.#resolving;
  }

  #take(origins: readonly string[], at: number): void {
    const found = new Set(origins);
    for (const origin of found) if (!this.#known.has(origin)) this.#pods.addUpstream(origin);
    for (const origin of this.#known) if (!found.has(origin)) this.#pods.removeUpstream(origin);
    this.#known = found;
    this.#resolvedAt = at;
  }
}

/** Asks the system's resolver, of one address family: a name with two of them has two for each pod. */
async function lookUp({ protocol, hostname, port }: URL): Promise<string[]> {
  const addresses = await lookup(hostname, { all: true, order: 'ipv4first' });
  return addresses
    .filter(({ family }) => family === addresses[0]?.family)
    .map(({ address }) => `${protocol}//${isIPv6(address) ? `[${address}]` : address}${port && `:${port}`}`);
}

const notFound = ({ hostname }: URL): Error =>
  Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
]);

/** Whether a request failed before any of it reached the peer: its effect cannot be there, so it may be sent again. */
export const wasNotSent = (error: unknown): boolean =>
  neverConnected.has((error as { code?: string }).code ?? '');

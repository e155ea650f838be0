import { lookup } from 'node:dns/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import { type Clock, systemClock } from '@bulkhead/resilience/clock';
import { Dispatcher, Pool } from 'undici';
import { PodWatch, type Reach } from './pod-watch';

/** Maximum size of a peer's response, in bytes. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** Addresses older than this are resolved again while the known ones are still used. */
const staleMs = 2_000;
/** Addresses older than this, of an idle peer, are resolved before anything is sent. */
const expiredMs = 15_000;

/** Resolves a peer's address to its origins: one for every ready pod if the name is a headless Service's. */
export type Resolve = (peer: URL) => Promise<readonly string[]>;

export interface PeerPoolOptions {
  /** Maximum number of connections to each pod. */
  readonly connections: number;
  readonly clock?: Clock;
  readonly resolve?: Resolve;
  readonly reach?: Reach;
  /** Called when a pod that DNS still lists was lost, and when it was found again. */
  readonly onPod?: (event: PodEvent) => void;
}

export interface PodEvent {
  readonly origin: string;
  readonly state: 'lost' | 'found';
}

/**
 * Keep-alive connections to all pods of one peer, used round-robin. A connection through a Service's virtual address
 * stays with one pod for its lifetime, so a pod that starts later would get almost no requests: here each pod has
 * connections of its own. DNS is resolved within 2 s of use, so that changes are noticed in less time than a pod
 * continues to serve after its removal (`shutdown.sleepSeconds`). A pod that disappears without notice is detected by
 * its silence (PodWatch): pending requests fail immediately, so that they can be sent to another pod, and it gets no
 * new ones while others are available.
 */
export class PeerPool extends Dispatcher {
  readonly #options: PeerPoolOptions;
  readonly #peer: URL;
  readonly #clock: Clock;
  readonly #resolve: Resolve;
  #pods = new Map<string, Pod>();
  /** Pods that get requests. */
  #serving: readonly Pod[] = [];
  #turn = 0;
  #resolvedAt = -Infinity;
  #resolving: Promise<void> | undefined;

  /** @param origin of the peer, such as http://shop-product-pods:8080 */
  constructor(origin: string, options: PeerPoolOptions) {
    super();
    this.#options = options;
    this.#peer = new URL(origin);
    this.#clock = options.clock ?? systemClock;
    this.#resolve = options.resolve ?? lookUp;
    if (isIP(this.#peer.hostname.replaceAll(/[[\]]/g, '')) !== 0) this.#take([this.#peer.origin], Infinity);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const age = this.#clock.monotonic() - this.#resolvedAt;
    if (age <= staleMs) return this.#send(options, handler);
    const resolving = this.#refresh();
    if (age <= expiredMs && this.#pods.size > 0) return this.#send(options, handler);
    resolving
      .then(() => this.#send(options, handler))
      .catch((error: Error) => handler.onResponseError?.(undefined as never, error));
    return true;
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const closed = Promise.all(this.#leave().map(({ connections }) => connections.close()));
    if (!callback) return closed.then(() => undefined);
    closed.then(callback, callback);
  }

  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override async destroy(): Promise<void> {
    await Promise.all(this.#leave().map(({ connections }) => connections.destroy()));
  }

  #send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { length } = this.#serving;
    if (length === 0) throw notFound(this.#peer);
    this.#turn = (this.#turn + 1) % length;
    const { connections, watch } = this.#serving[this.#turn]!;
    watch.sent();
    return connections.dispatch(options, new WatchedHandler(handler, watch));
  }

  #refresh(): Promise<void> {
    this.#resolving ??= this.#resolve(this.#peer)
      .then((origins) => this.#take(origins, this.#clock.monotonic()))
      .catch((error: unknown) => {
        // A name server that does not respond says nothing about the pods; one that lists no pods does.
        if ((error as { code?: string }).code === 'ENOTFOUND') this.#take([], -Infinity);
      })
      .finally(() => (this.#resolving = undefined));
    return this.#resolving;
  }

  #take(origins: readonly string[], at: number): void {
    const known = this.#pods;
    this.#pods = new Map(origins.map((origin) => [origin, known.get(origin) ?? this.#connect(origin)]));
    for (const [origin, { connections, watch }] of known) {
      if (this.#pods.has(origin)) continue;
      watch.stop();
      void connections.close().catch(() => undefined);
    }
    this.#resolvedAt = at;
    this.#choose();
  }

  #choose(): void {
    const pods = [...this.#pods.values()];
    const found = pods.filter(({ watch }) => !watch.isLost);
    // If all are lost, this side has lost the network, and any of them may be the first to come back.
    this.#serving = found.length > 0 ? found : pods;
  }

  #connect(origin: string): Pod {
    const { connections, reach, onPod } = this.#options;
    const pod: Pod = {
      connections: openConnections(origin, connections),
      watch: new PodWatch(origin, {
        clock: this.#clock,
        ...(reach ? { reach } : {}),
        onLost: (reached) => {
          onPod?.({ origin, state: 'lost' });
          this.#choose();
          // The only pod keeps its requests: there is no other to send them to.
          if (reached === 'refused' || this.#serving.includes(pod)) return;
          const { connections: dead } = pod;
          pod.connections = openConnections(origin, connections);
          void dead.destroy(new PodLost(origin)).catch(() => undefined);
        },
        onFound: () => {
          onPod?.({ origin, state: 'found' });
          this.#choose();
        },
      }),
    };
    return pod;
  }

  #leave(): Pod[] {
    const pods = [...this.#pods.values()];
    for (const { watch } of pods) watch.stop();
    return pods;
  }
}

interface Pod {
  connections: Pool;
  readonly watch: PodWatch;
}

/** A pod is no longer reachable; whether it acted on its requests is unknown. */
class PodLost extends Error {
  override readonly name = 'PodLost';

  constructor(origin: string) {
    super(`${origin} cannot be reached any more`);
  }
}

const openConnections = (origin: string, connections: number) =>
  new Pool(origin, {
    connections,
    pipelining: 1,
    connectTimeout: 2_000,
    // Below our servers' 65 s: the client closes first, so a request never meets a closing connection.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 4_000,
    // If the name is that of a virtual address after all, new pods get their share as connections are renewed.
    clientTtl: 25_000 + Math.random() * 5_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxAnswerBytes,
  });

/** Reports the outcome of one request to the watch. A class, since one is created for every request. */
class WatchedHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #watch: PodWatch;
  #isWaiting = true;

  constructor(handler: Dispatcher.DispatchHandler, watch: PodWatch) {
    this.#handler = handler;
    this.#watch = watch;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    if (this.#isWaiting) this.#watch.heard();
    this.#isWaiting = false;
    this.#handler.onResponseStart?.(controller, status, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isWaiting) this.#watch.unheard(!controller?.aborted);
    this.#isWaiting = false;
    this.#handler.onResponseError?.(controller, error);
  }
}

/** Queries the system's resolver for one address family: a dual-stack name has two addresses per pod. */
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

/** Whether a request failed before any of it reached the peer: it cannot have had an effect and may be sent again. */
export const wasNotSent = (error: unknown): boolean =>
  neverConnected.has((error as { code?: string }).code ?? '');

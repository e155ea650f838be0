import { connect } from 'node:net';
import type { Clock } from '@bulkhead/resilience/clock';

/** The outcome of a connection attempt: 'refused' by a machine on which nothing listens any more, or no response. */
export type Reached = 'accepted' | 'refused' | 'silent';
/** Tries to connect to an address, for at most this many ms. */
export type Reach = (origin: URL, limitMs: number) => Promise<Reached>;

export interface PodWatchOptions {
  readonly clock: Clock;
  readonly reach?: Reach;
  /**
   * Called once when the pod accepts no more connections. One that refuses them may be shutting down and still finish
   * its requests; a silent one will not respond any more.
   */
  readonly onLost: (reached: Exclude<Reached, 'accepted'>) => void;
  /** Called once when it is reachable again. */
  readonly onFound: () => void;
}

/** How long a pod may leave requests without a single response before it is checked, in ms. */
const silenceMs = 500;
const lookEveryMs = 250;
const reachWithinMs = 1_000;
/** Interval between checks of a lost or suspected pod, in ms. */
const againMs = 1_000;

/**
 * Notices that a pod disappeared without notice: its node lost power or its network, and requests stay without a
 * response until their deadlines. Kubernetes removes such a pod from DNS after 40 s and more
 * (node-monitor-grace-period). Silence alone proves nothing, as a slow pod is silent too: a silent pod is tested with a
 * new connection, which the kernel of a live node accepts however slow the program is. No request is used to test a
 * lost pod. Compare Envoy's outlier detection, which distinguishes slow from gone only by numbers.
 */
export class PodWatch {
  readonly #origin: URL;
  readonly #clock: Clock;
  readonly #reach: Reach;
  readonly #onLost: PodWatchOptions['onLost'];
  readonly #onFound: () => void;
  #waiting = 0;
  #silentSince = 0;
  #isLost = false;
  #isLooking = false;
  #timer: { cancel(): void } | undefined;
  readonly #stopped = new AbortController();

  constructor(origin: string, { clock, reach = reachByTcp, onLost, onFound }: PodWatchOptions) {
    this.#origin = new URL(origin);
    this.#clock = clock;
    this.#reach = reach;
    this.#onLost = onLost;
    this.#onFound = onFound;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** A request was sent: it may still wait for a connection. */
  sent(): void {
    if (this.#waiting === 0) this.#silentSince = this.#clock.monotonic();
    this.#waiting += 1;
    this.#timer ??= this.#clock.setTimer(this.#onTimer, lookEveryMs);
  }

  /** A response began. */
  heard(): void {
    this.#waiting -= 1;
    this.#silentSince = this.#clock.monotonic();
  }

  /** A request ended without a response: it failed, or its sender stopped waiting. */
  unheard(hasFailed: boolean): void {
    this.#waiting -= 1;
    if (hasFailed) void this.#look();
  }

  stop(): void {
    this.#stopped.abort(new Error('the pod is not called any more'));
    this.#timer?.cancel();
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    if (this.#stopped.signal.aborted || this.#waiting === 0) return;
    if (this.#clock.monotonic() - this.#silentSince >= silenceMs) void this.#look();
    this.#timer = this.#clock.setTimer(this.#onTimer, lookEveryMs);
  };

  async #look(): Promise<void> {
    const { signal } = this.#stopped;
    if (this.#isLooking || signal.aborted) return;
    this.#isLooking = true;
    try {
      do {
        const reached = await this.#reach(this.#origin, reachWithinMs);
        if (signal.aborted) return;
        const wasLost = this.#isLost;
        this.#isLost = reached !== 'accepted';
        if (reached === 'accepted') {
          if (wasLost) this.#onFound();
        } else if (!wasLost) this.#onLost(reached);
        // A pod that is alive but silent is not tested again immediately.
        await this.#clock.sleep(againMs, signal);
      } while (this.#isLost);
    } catch {
      // Stopped.
    } finally {
      this.#isLooking = false;
    }
  }
}

const reachByTcp: Reach = ({ hostname, port, protocol }, limitMs) =>
  new Promise((resolve) => {
    const host = hostname.replaceAll(/[[\]]/g, '');
    const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    socket.unref();
    const limit = setTimeout(() => end('silent'), limitMs);
    const end = (reached: Reached) => {
      clearTimeout(limit);
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => end('accepted'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    );
  });

import { connect } from 'node:net';
import type { Clock } from '@bulkhead/resilience/clock';

/** 'rejected' and 'silent': how a network treats connections that its policies do not allow. */
export type Attempt = 'settled' | 'rejected' | 'silent';

export interface Patience {
  /** How long to retry while the network rejects connections, in ms. */
  readonly rejectedMs: number;
  /** How long to retry without any response, which may be a policy or a node that is down, in ms. */
  readonly silentMs: number;
}

const pauseMs = 250;

/**
 * Waits until the network policies allow this pod to reach a target. They are enforced only some time after a new pod
 * has started; until then some networks reject its connections and others drop them. Kubernetes asks pods to be
 * prepared for this (Network Policies, "Pod lifecycle and NetworkPolicy"). Other problems of the target (unknown name,
 * nothing listens) are not waited for.
 * @param attempt tries one connection, for at most this many ms
 * @returns whether the target appears to be reachable; false after the time limit
 */
export async function untilLetIn(
  attempt: (limitMs: number) => Promise<Attempt>,
  { rejectedMs, silentMs }: Patience,
  clock: Clock,
): Promise<boolean> {
  const began = clock.monotonic();
  let waitMs = silentMs;
  for (;;) {
    const outcome = await attempt(silentMs);
    if (outcome === 'settled') return true;
    // A network that rejected once certainly has a policy in the way, whatever happens next.
    if (outcome === 'rejected') waitMs = rejectedMs;
    if (clock.monotonic() - began + pauseMs >= waitMs) return false;
    await clock.sleep(pauseMs);
  }
}

/** Tries to connect to any of the addresses of a host. */
export const attemptConnection =
  (host: string, port: number) =>
  (limitMs: number): Promise<Attempt> =>
    new Promise((resolve) => {
      const socket = connect({ host, port, timeout: limitMs });
      const end = (outcome: Attempt) => {
        socket.destroy();
        resolve(outcome);
      };
      socket.once('connect', () => end('settled'));
      socket.once('timeout', () => end('silent'));
      socket.once('error', ({ code }: NodeJS.ErrnoException) => end(meaning[code ?? ''] ?? 'settled'));
    });

const meaning: Readonly<Record<string, Attempt>> = { EHOSTUNREACH: 'rejected', ETIMEDOUT: 'silent' };

import { connect } from 'node:net';
import type { Clock } from '@bulkhead/resilience/clock';

/** 'rejected' and 'silent': what a network does with connections that its policies do not let through. */
export type Attempt = 'settled' | 'rejected' | 'silent';

export interface Patience {
  /** How long to go on while the network rejects connections, in ms. */
  readonly rejectedMs: number;
  /** How long to go on while nothing comes back, which may be a policy or a node that is down, in ms. */
  readonly silentMs: number;
}

const pauseMs = 250;

/**
 * Waits until the network lets this pod reach a target. What enforces NetworkPolicy before a server learns of a new pod
 * only after the pod has started; until then some networks reject its connections and others drop them. Kubernetes asks
 * pods to be prepared for it (Network Policies, "Pod lifecycle and NetworkPolicy"). Whatever else may be wrong with the
 * target (no such name, nothing listens) is not waited for.
 * @param attempt tries one connection, for at most so many ms
 * @returns whether the target may be reached, as far as can be told; false when patience ended first
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
    // A network that rejected something once has a policy in the way for certain, whatever it does next.
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

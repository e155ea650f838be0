import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './probe';

/** How long a network may take to learn of a new pod, in ms. */
const patienceMs = 3_000;
const pauseMs = 250;

/**
 * Waits until this pod may reach a target at all. What stands before a server learns a moment after the pod's start that
 * it may be let in (NetworkPolicy); until then some networks reject it, where most let it wait. Whatever else is wrong,
 * the probes say.
 */
export async function untilLetIn({ host, port }: Target): Promise<void> {
  const until = Date.now() + patienceMs;
  while (port !== undefined && Date.now() < until && (await isRejected(host, port))) await sleep(pauseMs);
}

const isRejected = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const end = (rejected: boolean) => {
      socket.destroy();
      resolve(rejected);
    };
    socket.once('connect', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code === 'EHOSTUNREACH'));
  });

import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '@bulkhead/development/free-ports';

const againAfterMs = 500;
const openWithinMs = 30_000;

export interface Forward {
  readonly port: number;
  stop(): void;
}

/**
 * A port on loopback that leads to a Service in the cluster, for as long as it is not stopped: `kubectl port-forward` ends
 * with the pod that it led to, and is begun again then.
 */
export async function forwardLastingly(
  namespace: string,
  target: string,
  targetPort: number,
): Promise<Forward> {
  const [port] = await freePorts(1);
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const begin = () => {
    child = spawn('kubectl', ['-n', namespace, 'port-forward', target, `${port}:${targetPort}`], {
      stdio: 'ignore',
    });
    child.once('error', () => undefined);
    child.once('close', () => {
      if (!stopped) timer = setTimeout(begin, againAfterMs);
    });
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    child?.kill();
  };
  begin();
  const until = performance.now() + openWithinMs;
  while (!(await isOpen(port!))) {
    if (performance.now() > until) {
      stop();
      throw new Error(`${target} in ${namespace} cannot be reached through kubectl port-forward`);
    }
    await sleep(againAfterMs);
  }
  return { port: port!, stop };
}

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });

import { createServer } from 'node:net';

/**
 * Below the ephemeral ports of systems (Linux from 32768, others from 49152) and Kubernetes' node ports (from 30000):
 * only another process that picks ports in this way could take one from here before its server binds it.
 */
const lowest = 20_000;
const size = 10_000;
/**
 * The fractional parts of its multiples are spread evenly, and so are the starting points of processes, whatever their
 * ids.
 */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** One counter per process, which may contain this module in several bundles. */
const counter = Symbol.for('bulkhead.free-ports');
const shared = globalThis as { [counter]?: { tried: number } };

/**
 * A port of 127.0.0.1 that is not in use now and was not returned to this process before; for servers that cannot pick
 * one themselves (those that can should listen on 0).
 * @throws Error when this process has tried all ten thousand
 */
export const freePort = async (): Promise<number> => {
  const state = (shared[counter] ??= { tried: 0 });
  const start = Math.floor(((process.pid * goldenRatio) % 1) * size);
  while (state.tried < size) {
    const port = lowest + ((start + state.tried++) % size);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${lowest} to ${lowest + size - 1} is left for process ${process.pid}`);
};

/** Several ports, all different. */
export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, freePort));

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

import { createServer } from 'node:net';

/**
 * Below what systems use for outgoing connections (Linux from 32768, others from 49152) and Kubernetes for node ports
 * (from 30000): nothing but another picker takes a port from here before its server binds it.
 */
const lowest = 20_000;
const size = 10_000;
/** Its multiples, without the whole, lie far apart, and so do the places where processes begin, whatever their ids. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** One count for the process, which may hold this module in several bundles. */
const counter = Symbol.for('bulkhead.free-ports');
const shared = globalThis as { [counter]?: { tried: number } };

/**
 * A port of 127.0.0.1 that nobody listens on now and that this process was not given before; for servers that cannot
 * pick one themselves (those that can should listen on 0).
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

/** So many of them, all different. */
export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, freePort));

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

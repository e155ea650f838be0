import type { Side } from './comparison';
import { type Load, requestsPerSecond } from './load';
import type { ServerProcess } from './processes';

/**
 * A server under load. It is measured by its own CPU time, too: the generator (and an upstream) share two cores with
 * it, so the time that passes tells of them as well, and of whatever else runs.
 */
export const httpSide = (
  name: string,
  server: ServerProcess,
  load: Omit<Load, 'url'> & { path: string },
): Side => ({
  name,
  async measure() {
    const { path, ...rest } = load;
    const before = await server.cpuMs();
    const { perSecond, answered } = await requestsPerSecond({ ...rest, url: server.origin + path });
    const cpuMs = (await server.cpuMs()) - before;
    return { perSecond, perCpuSecond: (answered / cpuMs) * 1_000 };
  },
});

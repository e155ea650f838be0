/**
 * CPU requests of servers that are outside the cluster in production and have CPU of their own there. In a test they share
 * the shop's node. A pod without a request is starved while the jobs of an upgrade take all the CPU, and the shop with it.
 */
export const ownCpu = (cpu: string) => ({ requests: { cpu, memory: '64Mi' } });

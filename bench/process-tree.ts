import { readdirSync, readFileSync } from 'node:fs';

/** A process and all below it. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const afterName = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '');
      parents.set(Number(name), Number(afterName.split(' ')[1]));
    } catch {
      // It ended in this moment.
    }
  }
  const below = (pid: number): number[] => [
    pid,
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(root);
}

/** USER_HZ, in which /proc counts CPU time: 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/**
 * CPU time of a process and all below it so far, in ms, with that of children that have ended (proc_pid_stat(5)). Linux
 * only.
 */
export function treeCpuMs(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      // utime, stime, cutime, cstime: fields 14 to 17, and the first two are cut off here.
      for (const field of fields.slice(11, 15)) ticks += Number(field);
    } catch {
      // It ended in this moment: its parent has its time once it has waited for it.
    }
  }
  return (ticks * 1_000) / ticksPerSecond;
}

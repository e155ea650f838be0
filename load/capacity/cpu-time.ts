import { readFileSync, readdirSync } from 'node:fs';
import { partNames, type PartName } from './costs';

/** CPU time used so far, in ms, by part. */
export type CpuTimes = Readonly<Record<PartName, number>>;

/** Linux counts CPU time in hundredths of a second for every user, whatever the kernel's own tick. */
const msPerTick = 10;

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  /** Own time and that of the children that have ended. */
  readonly ms: number;
}

/** Fields of proc_pid_stat(5); the name is in parentheses and may hold anything. */
function readProcess(pid: number): ProcessLine | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const ticks = fields.slice(11, 15).reduce((all, value) => all + value, 0);
    return { pid, parent, ms: ticks * msPerTick };
  } catch {
    // It ended in this moment; its parent counts its time.
    return undefined;
  }
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

function partOf(command: string): PartName {
  const service = /\/([a-z]+)\/main\.js/.exec(command)?.[1] as PartName | undefined;
  if (service && partNames.includes(service)) return service;
  if (/postgres/.test(command)) return 'postgresql';
  if (/beam|erl|epmd|rabbitmq|inet_gethost/.test(command)) return 'rabbitmq';
  return 'stand-ins';
}

/**
 * CPU time of a shop's processes, all below the one that started them, and of this process, the generator.
 * @throws Error on another system than Linux
 */
export function readCpuTimes(shopPid: number): CpuTimes {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((line) => line !== undefined);
  const times = Object.fromEntries(partNames.map((part) => [part, 0])) as Record<PartName, number>;
  const visit = (pid: number) => {
    const line = lines.find((candidate) => candidate.pid === pid);
    if (line) times[partOf(commandOf(pid))] += line.ms;
    for (const child of lines) if (child.parent === pid) visit(child.pid);
  };
  visit(shopPid);
  const { user, system } = process.cpuUsage();
  times.generator = (user + system) / 1_000;
  return times;
}

/** Of the whole machine, in ms: time of all cores that somebody used. */
export function readBusyTime(): number {
  const first = readFileSync('/proc/stat', 'utf8').split('\n')[0]!;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq + steal) * msPerTick;
}

export const cpuBetween = (before: CpuTimes, after: CpuTimes): CpuTimes =>
  Object.fromEntries(partNames.map((part) => [part, after[part] - before[part]])) as CpuTimes;

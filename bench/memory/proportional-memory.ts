import { readFileSync } from 'node:fs';

/** Its own pages, and its part of those it shares with others (PSS in proc_pid_smaps(5)). @throws Error elsewhere than on Linux */
export function proportionalBytes(pid: number): number {
  const [, kib] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Another live process holds the folder. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
  constructor(directory: string, holder: string) {
    super(`${directory} is in use by ${holder}; stop that first`);
  }
}

/** A process, distinguished from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * Claims a folder for this process through a lock file. The lock of a dead process is void. Of several concurrent
 * claims one succeeds.
 * @throws DataDirectoryInUse
 */
export const claimDirectory = async (directory: string): Promise<{ release(): Promise<void> }> => {
  const file = path.join(directory, 'lock');
  const self = JSON.stringify(await identify(process.pid));
  const endTurn = await takeTurn(directory, self);
  try {
    const holder = await holderOf(file);
    if (holder && (await isAlive(holder))) throw new DataDirectoryInUse(directory, `process ${holder.pid}`);
    await writeFile(file, self);
  } finally {
    await endTurn();
  }
  return { release: () => rm(file, { force: true }) };
};

/** The process that holds the folder, if it is alive. */
export const claimHolder = async (directory: string): Promise<ProcessIdentity | undefined> => {
  const holder = await holderOf(path.join(directory, 'lock'));
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
};

/**
 * Finding a lock void and replacing it are two steps; without this, two processes could each remove the other's new
 * lock.
 */
const takeTurn = async (directory: string, self: string): Promise<() => Promise<void>> => {
  const file = path.join(directory, 'lock.turn');
  for (let waited = 0; waited < 10_000; waited += 20) {
    try {
      await writeFile(file, self, { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = await holderOf(file);
    // A file without content is about to get some, unless its process was killed before.
    const isVoid = other ? !(await isAlive(other)) : waited > 2_000;
    if (isVoid) await rm(file, { force: true });
    else await setTimeout(20);
  }
  throw new DataDirectoryInUse(directory, `another start; its file is ${file}`);
};

export const identify = async (pid: number): Promise<ProcessIdentity> => ({
  pid,
  startedAt: await startTime(pid),
});

export const isAlive = async ({ pid, startedAt }: ProcessIdentity) =>
  isRunning(pid) && (await startTime(pid)) === startedAt;

/** Also undefined if the file does not exist or is not written yet. */
const holderOf = async (file: string): Promise<ProcessIdentity | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
};

/** Whether a process with this id is running, ours or not. A zombie is not. */
export const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // A container's first process often does not reap orphans: they stay in the table as zombies.
  return statFields(readIfThere(`/proc/${pid}/stat`))[0] !== 'Z';
};

/** proc(5), from field 3 on: the command before it is in parentheses and may contain spaces. */
const statFields = (stat: string) => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

const readIfThere = (file: string) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const startTime = async (pid: number): Promise<string> => {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat) return statFields(stat)[19] ?? '';
  return promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
};

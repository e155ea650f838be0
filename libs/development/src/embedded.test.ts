import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import { isRunning } from './directory-claim';
import { startEmbeddedPostgres, throughSocket } from './embedded';
import { query } from './testing/query';

jest.setTimeout(60_000);

const root = path.join(__dirname, '../../..');
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-embedded-'));
  dataDir = path.join(folder, 'postgres');
});

afterEach(() => rm(folder, { recursive: true }));

/** Starts the server in a process of its own, to be killed. */
const startOwner = (ephemeral: boolean) => {
  const code = path.join(folder, 'owner.cjs');
  execFileSync(
    path.join(root, 'node_modules/.bin/esbuild'),
    [
      'libs/development/src/embedded.ts',
      '--bundle',
      '--platform=node',
      '--packages=external',
      `--outfile=${code}`,
    ],
    { cwd: root, stdio: 'ignore' },
  );
  const script = `
    const { startEmbeddedPostgres } = require(${JSON.stringify(code)});
    startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, ephemeral: ${ephemeral} });
    setInterval(() => {}, 1000);`;
  const env = { ...process.env, NODE_PATH: path.join(root, 'node_modules') };
  return spawn(process.execPath, ['-e', script], { env, stdio: 'ignore' });
};

const serverPid = () => {
  const file = path.join(dataDir, 'cluster/postmaster.pid');
  const ready = existsSync(file) && readFileSync(file, 'utf8').includes('ready');
  return ready && Number(readFileSync(file, 'utf8').split('\n')[0]);
};

it('is reached by a socket file where its path is short enough for one, and by TCP always', async () => {
  // Where root's server may not enter, its place would be another, shorter one.
  await chmod(folder, 0o755);
  for (const [dir, hasSocket] of [
    [dataDir, true],
    [path.join(folder, 'x'.repeat(80)), false],
  ] as const) {
    const server = await startEmbeddedPostgres({ dataDir: dir, ephemeral: true });
    const where = async (url: string) => query(url, 'select inet_server_addr() is null as "bySocket"');
    expect(await where(throughSocket(server.adminUrl, server.socketDir))).toEqual([{ bySocket: hasSocket }]);
    expect(await where(server.adminUrl)).toEqual([{ bySocket: false }]);
    await server.stop();
  }
});

it('keeps data from one start to the next, behind a password that only its owner can read', async () => {
  const first = await startEmbeddedPostgres({ dataDir });
  await query(first.adminUrl, 'create table kept as select 42 as answer');
  expect((await stat(path.join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
  await expect(query(first.adminUrl.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({
    code: '28P01',
  });
  await first.stop();
  expect(isRunning(first.pid)).toBe(false);

  const second = await startEmbeddedPostgres({ dataDir });
  expect(await query(second.adminUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await second.stop();
});

it('orders and folds letters alike on every machine', async () => {
  const server = await startEmbeddedPostgres({ dataDir, ephemeral: true });
  expect(
    await query(server.adminUrl, `select lower('ÉÖ') as low, to_tsvector('simple', 'CAFÉ')::text as words`),
  ).toEqual([{ low: 'éö', words: "'café':1" }]);
  await server.stop();
  expect(existsSync(dataDir)).toBe(false);
});

it('refuses a folder that is in use, naming the process', async () => {
  const server = await startEmbeddedPostgres({ dataDir });
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(`in use by process ${process.pid}`);
  await server.stop();
});

it('refuses a port that is in use, and starts again on another', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(`port ${port} is already in use`);
  other.close();
  const server = await startEmbeddedPostgres({ dataDir, port });
  expect(server.port).toBe(port);
  await server.stop();
});

it('starts from scratch after an interrupted setup', async () => {
  await mkdir(path.join(dataDir, 'cluster.new/base'), { recursive: true });
  await writeFile(path.join(dataDir, 'password'), 'of-the-interrupted-one\n');
  await writeFile(path.join(dataDir, 'lock'), '{"pid":1,"startedAt":"an earlier boot"}');
  const server = await startEmbeddedPostgres({ dataDir });
  expect(await query(server.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
});

it('starts again after its owner was killed, at once', async () => {
  const owner = startOwner(false);
  const pid = await eventually(serverPid, { timeoutMs: 30_000, what: 'a server that is ready' });
  owner.kill('SIGKILL');
  await eventually(() => owner.signalCode !== null);
  const server = await startEmbeddedPostgres({ dataDir });
  expect(isRunning(pid)).toBe(false);
  expect(await query(server.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
});

it('ignores a pid file whose process ID belongs to another process now', async () => {
  await (await startEmbeddedPostgres({ dataDir })).stop();
  await writeFile(
    path.join(dataDir, 'cluster/postmaster.pid'),
    `${process.pid}\n${dataDir}/cluster\n0\n1\n\n127.0.0.1\n`,
  );
  const server = await startEmbeddedPostgres({ dataDir });
  await server.stop();
});

it('goes with its owner, folder and all, when that is killed and it was ephemeral', async () => {
  const owner = startOwner(true);
  const pid = await eventually(serverPid, { timeoutMs: 30_000, what: 'a server that is ready' });
  owner.kill('SIGKILL');
  await eventually(() => !isRunning(pid) && !existsSync(dataDir), {
    timeoutMs: 20_000,
    what: 'the end of the server',
  });
});

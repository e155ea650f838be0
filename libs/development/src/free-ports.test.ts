import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { freePort, freePorts } from './free-ports';

it('gives no port twice, and none that an outgoing connection could have', async () => {
  const ports = [...(await freePorts(200)), ...(await freePorts(200)), await freePort()];
  expect(new Set(ports).size).toBe(401);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
  }
});

it('skips a port that is in use', async () => {
  const next = (await freePort()) + 1;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(next, '127.0.0.1', resolve));
  expect(await freePort()).not.toBe(next);
  server.close();
});

describe('several processes at once', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-ports-'));
    await build({
      entryPoints: [path.join(__dirname, 'free-ports.ts')],
      bundle: true,
      platform: 'node',
      outfile: path.join(folder, 'free-ports.cjs'),
    });
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  /** Listens on ten ports that it was given, as servers do, and says which, or why it cannot. */
  const pick = () => {
    const script = `
      const { freePorts } = require(${JSON.stringify(path.join(folder, 'free-ports.cjs'))});
      const { createServer } = require('node:net');
      const listen = (port) => new Promise((resolve, reject) =>
        createServer().once('error', reject).listen(port, '127.0.0.1', resolve));
      freePorts(10)
        .then((ports) => Promise.all(ports.map(listen)).then(() => console.log(JSON.stringify(ports))))
        .catch((error) => console.log(JSON.stringify(error.message)));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return new Promise<number[] | string>((resolve) =>
      child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString()) as number[] | string)),
    );
  };

  it('are given different ports, which are still free when their servers bind them', async () => {
    const picked = await Promise.all(Array.from({ length: 8 }, pick));
    expect(picked.filter((ports) => typeof ports === 'string')).toEqual([]);
    expect(new Set(picked.flat()).size).toBe(80);
  });
});

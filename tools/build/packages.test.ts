import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { freePort } from '@bulkhead/development/free-ports';
import { spawnOwned } from '@bulkhead/development/owned-process';
import { eventually } from '@bulkhead/testing/eventually';
import { isForTests, readImports, root } from '../test/import-graph';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly exports: Record<string, unknown>;
  readonly dependencies?: Record<string, string>;
}
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Manifest;

const libraries = ['contracts', 'database', 'durable', 'messaging', 'resilience', 'service', 'telemetry'];
const workspace = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest & {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};
const versions = { ...workspace.devDependencies, ...workspace.dependencies };

describe.each(libraries)('the package of %s', (library) => {
  const { dependencies = {}, ...manifest } = manifestOf(`libs/${library}`);

  it('is named, versioned and runs where the workspace does', () => {
    const { version, engines } = workspace;
    expect(manifest).toMatchObject({ name: `@bulkhead/${library}`, version, engines });
  });

  it('declares what it imports, with the types of that, in the versions of the workspace, and nothing else', () => {
    const shipped = [...readImports(`libs/${library}/src/*.ts`)].filter(([file]) => !isForTests(file));
    const siblings = shipped
      .flatMap(([, { files }]) => files)
      .flatMap((file) => /^libs\/(\w+)\//.exec(file)?.slice(1) ?? [])
      .filter((other) => other !== library)
      .map((other) => [`@bulkhead/${other}`, workspace.version]);
    const packages = shipped
      .flatMap(([, imports]) => imports.packages)
      .flatMap((name) => [name, `@types/${name}`])
      .filter((name) => name in versions || !name.startsWith('@types/'))
      .map((name) => [name, versions[name]]);
    expect(dependencies).toEqual(Object.fromEntries([...siblings, ...packages]));
  });
});

/** An app outside of the workspace, whose node_modules holds the packages as npm packs them. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-packages-'));
  const built = libraries.map((library) => `libs/${library}`);
  execFileSync(process.execPath, ['tools/build/pack.ts', ...built], { cwd: root });
  const packed = execFileSync(
    'npm',
    ['pack', '--silent', '--pack-destination', folder, ...built.map((each) => `./dist/${each}`)],
    { cwd: root, encoding: 'utf8' },
  );
  const archives = packed.trim().split('\n');
  expect(archives).toHaveLength(libraries.length);
  for (const [index, archive] of archives.entries()) {
    const target = path.join(folder, 'node_modules/@bulkhead', libraries[index]!);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', path.join(folder, archive), '-C', target, '--strip-components=1']);
    // What it declares, and nothing else, so that what it has forgotten is missing.
    for (const name of Object.keys(manifestOf(`libs/${libraries[index]!}`).dependencies ?? {}))
      link(name, target);
  }
  link('express', folder);
  link('zod', folder);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Has a package of npm lie in the node_modules of a folder, as `npm install` would have it. */
function link(name: string, into: string): void {
  const target = path.join(into, 'node_modules', name);
  if (name.startsWith('@bulkhead/') || existsSync(target)) return;
  mkdirSync(path.dirname(target), { recursive: true });
  symlinkSync(path.join(root, 'node_modules', name), target);
}

/** The example that a README begins with. */
function exampleOf(library: string): string {
  const [, code] = /```(?:js)\n([^]*?)```/.exec(
    readFileSync(path.join(root, 'libs', library, 'README.md'), 'utf8'),
  )!;
  return code!;
}

/** Runs the example, and asks it what `ask` asks once it listens. */
async function run<T>(
  library: string,
  environment: Record<string, string>,
  ask: (call: (method: string, target: string, body?: object) => Promise<Response>) => Promise<T>,
): Promise<T> {
  writeFileSync(path.join(folder, `${library}.mjs`), exampleOf(library));
  const port = await freePort();
  const { child, ended, stop } = spawnOwned(process.execPath, [`${library}.mjs`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: String(port), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  const call = (method: string, target: string, body?: object) =>
    fetch(`http://127.0.0.1:${port}${target}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  try {
    await eventually(
      async () => {
        if (hasEnded) throw new Error(output);
        return call('GET', '/').then(
          () => true,
          () => false,
        );
      },
      { timeoutMs: 30_000, what: `the example of ${library}: ${output}` },
    );
    return await ask(call);
  } finally {
    await stop();
  }
}

const minute = 60_000;

it(
  'the package of create-bulkhead carries the workspace, and makes one of it',
  () => {
    const project = 'libs/create-bulkhead';
    expect(manifestOf(project)).toMatchObject({ version: workspace.version, engines: workspace.engines });
    execFileSync(process.execPath, ['tools/build/pack.ts', project], { cwd: root });
    const archive = execFileSync(
      'npm',
      ['pack', '--silent', '--pack-destination', folder, `./dist/${project}`],
      { cwd: root, encoding: 'utf8' },
    ).trim();
    const target = path.join(folder, 'node_modules/create-bulkhead');
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', path.join(folder, archive), '-C', target, '--strip-components=1']);
    // As npx runs it, from a folder in which nothing else is.
    const said = execFileSync(
      process.execPath,
      [path.join(target, 'src/bin.js'), 'my-shop', '--scope', '@acme', '--no-install'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(said).toContain('  cd my-shop\n  npm ci\n');
    const made = (file: string) => readFileSync(path.join(folder, 'my-shop', file), 'utf8');
    expect(JSON.parse(made('package.json'))).toMatchObject({ name: 'my-shop', bulkhead: workspace.version });
    expect(made('libs/contracts/package.json')).toContain('"@acme/contracts"');
    expect(made('.npmrc')).toBe(readFileSync(path.join(root, '.npmrc'), 'utf8'));
  },
  3 * minute,
);

describe('the example of', () => {
  let peer: Server;
  let database: TestDatabase;
  beforeAll(async () => {
    peer = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await new Promise((resolve) => peer.close(resolve));
    await database.drop();
  });

  it(
    'resilience asks a peer',
    async () => {
      const url = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
      const status = await run('resilience', { PAYMENT_URL: url }, async (call) =>
        (await call('GET', '/status')).json(),
      );
      expect(status).toEqual({ payment: 200 });
    },
    minute,
  );

  it(
    'telemetry counts requests',
    async () => {
      const metrics = await run('telemetry', {}, async (call) => {
        await call('GET', '/orders');
        return (await call('GET', '/metrics')).text();
      });
      expect(metrics).toMatch(/^http_server_request_duration_seconds_count\{.*"\/orders".*\} 1$/m);
    },
    minute,
  );

  it(
    'contracts validates, and serves a document',
    async () => {
      const [good, bad, document] = await run('contracts', {}, async (call) => [
        (await call('POST', '/payment-methods', { paymentMethod: 'pm_ok' })).status,
        (await call('POST', '/payment-methods', { paymentMethod: 7 })).status,
        (await (await call('GET', '/openapi.json')).json()) as { openapi: string },
      ]);
      expect([good, bad, document.openapi]).toEqual([204, 400, '3.1.0']);
    },
    minute,
  );

  it(
    'database changes a row in a transaction',
    async () => {
      const responses = await run('database', { DATABASE_URL: database.ownerUrl }, async (call) => [
        await (await call('POST', '/stock/CBL')).json(),
        await (await call('POST', '/stock/CBL')).json(),
      ]);
      expect(responses).toEqual([{ onHand: 1 }, { onHand: 2 }]);
    },
    minute,
  );

  it(
    'durable sends what was asked for',
    async () => {
      await run('durable', {}, async (call) => {
        expect((await call('POST', '/mails/ada')).status).toBe(202);
        await eventually(async () => (await (await call('GET', '/mails')).text()) === '["ada"]');
      });
    },
    minute,
  );

  it(
    'messaging handles an event once',
    async () => {
      const id = crypto.randomUUID();
      const mails = await run('messaging', { DATABASE_URL: database.ownerUrl }, async (call) => {
        expect((await call('PUT', `/orders/${id}`)).status).toBe(204);
        return eventually(async () => {
          const rows = (await (await call('GET', '/mails')).json()) as unknown[];
          return rows.length > 0 && rows;
        });
      });
      expect(mails).toEqual([{ order_id: id }]);
    },
    minute,
  );

  it(
    'service responds with a problem',
    async () => {
      const [status, problem] = await run('service', {}, async (call) => {
        const response = await call('GET', '/stock/CBL');
        return [response.status, await response.json()];
      });
      expect([status, problem]).toEqual([404, expect.objectContaining({ detail: 'There is no CBL.' })]);
    },
    minute,
  );
});

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(__dirname, '../..');
const bundles = path.join(root, 'dist/apps');
const run = promisify(execFile);

let away: string;
beforeAll(async () => {
  away = await mkdtemp(path.join(tmpdir(), 'bulkhead-bundles-'));
});
afterAll(() => rm(away, { recursive: true, force: true }));

test.each(readdirSync(bundles))(
  '%s is one file, and starts where there are no node_modules',
  async (app) => {
    const folder = path.join(away, app);
    await cp(path.join(bundles, app), folder, { recursive: true });
    // The storefront needs no settings, but the site that it serves.
    await rm(path.join(folder, 'site'), { recursive: true, force: true });
    expect((await readdir(folder)).filter((file) => /\.[cm]?js$/.test(file))).toEqual(['main.js']);
    // All that it is made of is loaded before it misses its settings.
    const nobody = 'postgres://nobody@127.0.0.1:1/nothing';
    const ended = await run(process.execPath, ['main.js'], {
      cwd: folder,
      env: { DATA_DIR: path.join(folder, 'data'), PORT: '0', ADMIN_PORT: '0', DATABASE_ADMIN_URL: nobody },
    }).catch((error: { code: number; stderr: string }) => error);
    expect(ended).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(
        /^(usage: main\.js|.* cannot start:\s+(SERVICE_IDENTITY_DIR|DATABASE_ADMIN_URL|There is no index\.html))/,
      ),
    });
  },
  60_000,
);

test('what has not changed is not built again', async () => {
  const build = async () => {
    const { stdout } = await run(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'run', 'auth:build'], {
      cwd: root,
      env: { PATH: process.env['PATH'], NX_DAEMON: 'false', NX_NO_CLOUD: 'true', FORCE_COLOR: '0' },
    });
    return stdout;
  };
  await build();
  expect(await build()).toMatch(
    /read the output from the cache instead of running the command for (\d+) out of \1 /,
  );
}, 180_000);

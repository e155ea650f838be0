import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(__dirname, '../..');
let folder: string;
let name: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bulkhead-project-')));
  name = path.basename(folder);
  await writeFile(path.join(folder, 'jest.config.cjs'), `module.exports = { displayName: '${name}' };`);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(path.join(root, 'test-results', `${name}.json`), { force: true });
});

const runTests = async (test: string) => {
  await writeFile(path.join(folder, 'some.test.js'), test);
  return promisify(execFile)(process.execPath, [
    path.join(root, 'tools/test/project-tests.ts'),
    path.relative(root, folder),
    name,
  ]).then(
    ({ stderr }) => ({ code: 0, stderr }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  );
};

it('a project whose set-up failed and left a server open ends, and says so by name', async () => {
  const { code, stderr } = await runTests(`
    beforeAll(async () => {
      const server = require('node:net').createServer();
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      throw new Error('the set-up fails half-way');
    });
    it('would test something', () => undefined);`);
  expect(code).toBe(1);
  expect(stderr).toContain('the set-up fails half-way');
  expect(stderr).toContain(`${name}: its tests are over, but something that they started is still open`);
}, 60_000);

it('a project whose tests pass passes', async () => {
  expect(await runTests(`it('tests something', () => undefined);`)).toMatchObject({ code: 0 });
}, 60_000);

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { main } from './main';
import { filesOf, writeArchive } from './template';

const root = path.join(__dirname, '../../..');
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-create-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command as in a pipe, where nothing is asked. */
async function run(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true)),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true)),
  ];
  try {
    return { code: await main(args, { checkout: root }, false), stdout, stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('a dry run says what would be made, and makes nothing', async () => {
  const target = path.join(folder, 'my-shop');
  const { code, stdout } = await run(target, '--scope', 'acme', '--services', 'search', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toContain(`my-shop, with packages in @acme, in ${target}\n`);
  expect(stdout).toContain('services: gateway, auth, profile, product, inventory, order, payment, search\n');
  expect(stdout).toContain('without notification: ');
  expect(existsSync(target)).toBe(false);
});

test('what cannot be used is refused in a sentence, before anything is written', async () => {
  writeFileSync(path.join(folder, 'notes.txt'), 'mine');
  const refused = async (sentence: string, ...args: string[]) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  };
  await refused(`${folder} is not empty: it holds notes.txt. Nothing was written.`, folder);
  await refused('notes.txt is a file.', path.join(folder, 'notes.txt'));
  await refused('"My Shop" is not.', path.join(folder, 'My Shop'));
  await refused('Missing argument: FOLDER.');
  await refused('Unexpected argument: b.', 'a', 'b');
  await refused("Unknown option '--colour'", 'a', '--colour');
  await refused('There is no service warehouse.', path.join(folder, 'a'), '--services', 'warehouse');
  expect(readdirSync(folder)).toEqual(['notes.txt']);
});

test('the new workspace is a repository under its own name and scope', async () => {
  const target = path.join(folder, 'my-shop');
  mkdirSync(target);
  const { code, stdout } = await run(target, '--scope', '@acme', '--services', 'core', '--no-install');
  expect(code).toBe(0);
  const read = (file: string) => readFileSync(path.join(target, file), 'utf8');
  const json = (file: string) => JSON.parse(read(file)) as Record<string, unknown>;
  expect(json('package.json')).toMatchObject({ name: 'my-shop' });
  expect(json('package-lock.json')).toMatchObject({ name: 'my-shop', packages: { '': { name: 'my-shop' } } });
  expect(json('libs/tools/package.json')).toMatchObject({ name: '@acme/tools' });
  expect(read('tsconfig.json')).toContain('"@acme/contracts/*": ["./libs/contracts/src/*"]');
  expect(read('apps/storefront/index.html')).toContain('<title>My shop</title>');
  expect(read('README.md')).toMatch(/^# My shop\n/);
  expect(stdout).toContain(
    '  npx nx g @acme/tools:remove search,notification --no-interactive\n  npm start\n',
  );

  const files = execFileSync('git', ['ls-files'], { cwd: target, encoding: 'utf8' }).trim().split('\n');
  expect(files.length).toBe(filesOf(root).length);
  const mentions = `@${'bulkhead'}/`;
  expect(files.filter((file) => file.endsWith('.ts') && read(file).includes(mentions))).toEqual([]);
}, 60_000);

test('the archive of the package holds what git knows of, links and dotfiles included', () => {
  const archive = path.join(folder, 'template.tar.gz');
  writeArchive(root, archive);
  const listed = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(listed.trim().split('\n').toSorted()).toEqual(filesOf(root).toSorted());
  expect(listed).toContain('\n.npmrc\n');
}, 60_000);

import { type ChildProcess, execFile, fork } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@bulkhead/testing/eventually';

const script = path.join(__dirname, 'build.ts');
let workspace: string;
let watcher: ChildProcess | undefined;

/** At once, as editors save: a source that is read while it is written would be a bundle of half of it. */
const write = async (file: string, text: string) => {
  const unfinished = path.join(workspace, 'unfinished');
  await writeFile(unfinished, text);
  await mkdir(path.dirname(path.join(workspace, file)), { recursive: true });
  await rename(unfinished, path.join(workspace, file));
};
const bundle = () => readFile(path.join(workspace, 'dist/apps/tiny/main.js'), 'utf8');
/** Large enough to be written in more than one piece. */
const source = (edit: number) =>
  `const padding = ${JSON.stringify('x'.repeat(2_000_000))};\nconsole.log(padding.length, 'edit-${edit}');\n`;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'bulkhead-build-'));
  await write('package.json', '{ "version": "1.2.3" }');
  await write('apps/tiny/src/main.ts', source(0));
  await write('apps/tiny/prisma/migrations/001/migration.sql', 'select 1');
});

afterEach(async () => {
  const ended = watcher && new Promise((resolve) => watcher?.once('exit', resolve));
  watcher?.kill();
  await ended;
  watcher = undefined;
  await rm(workspace, { recursive: true });
});

const watch = () =>
  new Promise((resolve) => {
    watcher = fork(script, ['--watch', 'apps/tiny'], { cwd: workspace });
    watcher.once('message', resolve);
  });
const buildOnce = () => promisify(execFile)(process.execPath, [script, 'apps/tiny'], { cwd: workspace });

it('never shows a reader half a bundle or none, while edits are bundled and an image is built', async () => {
  await watch();
  let reading = true;
  const whole = /edit-\d+[\s\S]*\n\/\/# sourceMappingURL=main\.js\.map\n$/;
  const broken: string[] = [];
  const reader = (async () => {
    while (reading) {
      const text = await bundle().catch((error: Error) => error.message);
      if (!whole.test(text)) broken.push(text.slice(0, 80));
    }
  })();
  for (let edit = 1; edit <= 5; edit++) {
    await write('apps/tiny/src/main.ts', source(edit));
    if (edit === 3) await buildOnce();
    await eventually(async () => (await bundle()).includes(`edit-${edit}`));
  }
  reading = false;
  await reader;
  expect(broken).toEqual([]);
}, 60_000);

it('leaves the last good bundle where an edit does not compile', async () => {
  await watch();
  await write('apps/tiny/src/main.ts', 'const = ;');
  await write('apps/tiny/prisma/migrations/002/migration.sql', 'select 2');
  await eventually(() => access(path.join(workspace, 'dist/apps/tiny/migrations/002/migration.sql')));
  expect(await bundle()).toContain('edit-0');
});

it('removes what no longer belongs to a bundle', async () => {
  await buildOnce();
  await rm(path.join(workspace, 'apps/tiny/prisma/migrations/001'), { recursive: true });
  await write('apps/tiny/prisma/migrations/002/migration.sql', 'select 2');
  await write('dist/apps/tiny/left-over.js', '');
  await buildOnce();
  expect(await readdir(path.join(workspace, 'dist/apps/tiny'))).toEqual([
    'main.js',
    'main.js.map',
    'migrations',
  ]);
  expect(await readdir(path.join(workspace, 'dist/apps/tiny/migrations'))).toEqual(['002']);
});

it('builds the pages of an app that has some, and again after each edit', async () => {
  const pages = path.join(workspace, 'dist/apps/tiny/site');
  await write('apps/tiny/vite.config.mjs', 'export default {};');
  await write('apps/tiny/index.html', '<script type="module" src="/page.js"></script>');
  await write('apps/tiny/page.js', "document.title = 'edit-0';");
  await watch();
  /** The script that the page names, which has another name after each edit. */
  const script = async () => {
    const [, file] = /src="\/(assets\/[^"]+)"/.exec(await readFile(path.join(pages, 'index.html'), 'utf8'))!;
    return readFile(path.join(pages, file!), 'utf8');
  };
  expect(await script()).toContain('edit-0');
  await write('apps/tiny/page.js', "document.title = 'edit-1';");
  await eventually(async () => (await script()).includes('edit-1'));
  await eventually(async () => (await readdir(path.join(pages, 'assets'))).length === 1);
  await buildOnce();
  expect(await script()).toContain('edit-1');
}, 30_000);

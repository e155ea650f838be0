import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(__dirname, '../..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const names = Object.keys(scripts);
const { commands } = jest.requireActual<{ commands: Record<string, CommandOptions> }>('./commands.mjs');
const { firstRuns } = jest.requireActual<{ firstRuns: object }>('../test/first-runs.mjs');

/** Closed to others, and with a space in its path. */
let folder: string;
let clone: string;

interface CommandOptions {
  readonly script?: string;
  readonly options?: object;
  readonly passes?: boolean;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of package.json in the clone, as npm does. */
const run = (name: string, ...args: string[]): Promise<Outcome> =>
  promisify(execFile)('/bin/sh', ['-c', `${scripts[name]!} "$@"`, 'sh', ...args], {
    cwd: clone,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Outcome) => error,
  );

const makeClone = (packages: 'none' | 'linked') => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'bulkhead-clone-')));
  chmodSync(folder, 0o700);
  clone = path.join(folder, 'a clone');
  const program = `import('./tools/test/fresh-clone.ts').then((m) => m.makeClone(process.argv[1], { packages: '${packages}' }))`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program, clone], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
};

const removeClone = () => rmSync(folder, { recursive: true, force: true });

it('every script of package.json is a command, and is tried as the first one in a clone', () => {
  expect(Object.keys(commands).sort()).toEqual([...names].sort());
  expect(Object.keys(firstRuns).sort()).toEqual([...names].sort());
  for (const name of names) expect(scripts[name]).toBe(`node tools/run.mjs ${name}`);
});

it('every option that a program looks for is one of its command', () => {
  for (const [name, { script, options = {}, passes }] of Object.entries(commands)) {
    if (!script || passes) continue;
    const program = readFileSync(path.join(root, 'tools', script), 'utf8');
    const read = [...program.matchAll(/argv\.includes\('--([a-z-]+)'\)/g)].map(([, option]) => option);
    expect({ name, unknown: read.filter((option) => !(option! in options)) }).toEqual({ name, unknown: [] });
  }
});

const sentence = /^[A-Z-][^\n]*\. See npm [^\n]+ -- --help\.\n$/;

describe('in a fresh clone without packages', () => {
  let before: string[] = [];
  beforeAll(() => {
    makeClone('none');
    before = readdirSync(clone);
  });
  afterAll(() => {
    // Neither help nor a refusal installs, generates or leaves anything.
    expect(readdirSync(clone)).toEqual(before);
    removeClone();
  });

  it.each(names)('%s tells what it does, and with what', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^usage: npm (run )?${name}\\b`));
    for (const part of [/^\n[A-Z][^]*?\.\n\n/m, /^Exit codes$/m, /^ {2}0 +/m, /^ {2}1 +/m, /^ {2}2 +/m])
      expect(stdout).toMatch(part);
  });

  // Skaffold's arguments are Skaffold's to refuse.
  it.each(names.filter((name) => name !== 'skaffold'))(
    '%s refuses an unknown option in a sentence',
    async (name) => {
      const { code, stdout, stderr } = await run(name, '--no-such-option');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(sentence);
      expect(stderr).toContain('Unknown option --no-such-option.');
    },
  );

  it.each([
    ['a missing argument', 'load', [], 'Missing argument: SCENARIO.'],
    ['a missing argument', 'skaffold', [], 'Missing argument: COMMAND'],
    ['one argument too many', 'load', ['browse', 'checkout'], 'Unexpected argument: checkout.'],
    ['an option without its value', 'chaos', ['--seed', '--plan'], '--seed needs a value.'],
    ['a value for an option that takes none', 'chaos', ['--plan=yes'], '--plan takes no value.'],
    [
      'a value that is no number',
      'chaos',
      ['--minutes', 'two'],
      '--minutes must be a number from 1 to 1440, not two.',
    ],
    [
      'a number that is too large',
      'load',
      ['browse', '--rate', '2001'],
      '--rate must be a number from 0 to 2000',
    ],
    ['an argument of a command that takes none', 'test:chaos', ['fast'], 'Unexpected argument: fast.'],
  ])('%s is refused: %s', async (_what, name, args, said) => {
    const { code, stdout, stderr } = await run(name, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).toContain(said);
  });
});

describe('in a fresh clone with packages', () => {
  beforeAll(() => makeClone('linked'), 60_000);
  afterAll(removeClone);

  // Every other command comes first in `npm run test:commands`, which takes minutes.
  it('the first command generates what it needs, and ends quietly with its reader', async () => {
    expect(existsSync(path.join(clone, 'apps/order/src/generated'))).toBe(false);
    const { stdout, stderr } = await promisify(execFile)(
      'bash',
      ['-c', `set -o pipefail; ${scripts['experiment']} list | head -n 1; echo "\${PIPESTATUS[0]}"`],
      { cwd: clone },
    );
    expect(stdout).toMatch(/^payment-slow +Payment slows to 10 s\n(0|141)\n$/);
    expect(stderr).toBe('Generating database clients …\n');
  }, 120_000);

  it.each([
    ['deadletters', ['list'], 'RABBITMQ_URL'],
    ['orders', ['stuck'], 'DATABASE_URL'],
    ['provision', [], 'POSTGRES_ADMIN_URL'],
    ['acceptance', ['127.0.0.1:3000'], 'http://127.0.0.1:3000'],
    ['experiment', ['payment-fast'], 'payment-fast'],
    ['experiment', ['all', '--target', 'moon'], '--target'],
    ['load', ['window-shopping'], 'browse'],
    ['test:mutants', ['drop-everything'], 'drop-outbox'],
    ['images', ['warehouse'], 'warehouse'],
    ['services', ['warehouse'], 'notification'],
    ['learn', ['9'], '1 to 8'],
    ['test:learn', ['9'], '1 to 8'],
    ['verify:full', ['everything'], 'mutants'],
    ['migration', ['order', 'Add Notes'], 'lower case'],
    ['migration', ['warehouse', 'add_notes'], 'warehouse'],
  ])('%s %j is refused with what would do', async (name, args, said) => {
    const { code, stderr } = await run(name, ...args);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });

  it.each(['invariants', 'reconcile'])('%s says that there is no shop', async (name) => {
    const { code, stderr } = await run(name);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^No shop has run in \.bulkhead; [^\n]+\n$/) as string,
    });
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');
const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  engines: { node: string };
};
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

/** Runs `npm start` as if by another Node.js, on another platform. */
const start = (version: string, platform: string) => {
  const pretence = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    Object.defineProperty(process, 'platform', { value: '${platform}' });
    Object.defineProperty(process, 'arch', { value: 'x64' });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`, 'tools/run.mjs', 'start'],
    { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  );
  return { status, stdout, stderr };
};

it.each([
  ['22.23.1', 'darwin', 'Node.js 24.7 or later is needed on darwin-x64; this is 22.23.1.\n'],
  ['24.6.0', 'win32', 'Node.js 24.7 or later is needed on win32-x64; this is 24.6.0.\n'],
  [
    '20.10.0',
    'linux',
    'Node.js 24.7 or later is needed on linux-x64; this is 20.10.0. 20.11 or later would do to install the packages, one of which is the Node.js that is needed.\n',
  ],
])('npm start by Node.js %s on %s says which is needed', (version, platform, sentence) => {
  expect(start(version, platform)).toEqual({ status: 1, stdout: '', stderr: sentence });
});

it('package.json and README.md name the same oldest Node.js', () => {
  expect(engines.node).toBe('>=24.7');
  expect(readme).toContain('Node.js 24.7 or later');
});

it('is older than the one among the packages, and than the one that services are deployed on', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const { isSupported } = jest.requireActual<{ isSupported(version: string): boolean }>('./node-version.mjs');
  const [deployed] = /node:(\d+)/.exec(readFileSync(path.join(root, 'Dockerfile'), 'utf8'))!.slice(1);
  expect([
    ...Object.values(optionalDependencies).map((version) => isSupported(version)),
    isSupported(`${deployed}.7.0`),
    isSupported('24.6.0'),
  ]).toEqual([true, true, true, false]);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from '../helm';
import { parts } from '../scenarios';

const repository = join(__dirname, '../../..');

describe('publishing charts', () => {
  let folder: string;
  let registry: ChildProcess;
  let address: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-publishing-'));
    mkdirSync(join(folder, 'pulled'));
    const program = process.env['OCI_REGISTRY'];
    if (!program) throw new Error('OCI_REGISTRY does not say where a registry is; run npm run test:charts');
    registry = spawn(program, ['-port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    address = await new Promise((resolve, reject) => {
      let said = '';
      registry.on('error', reject).on('exit', () => reject(new Error(`the registry ended: ${said}`)));
      registry.stderr!.on('data', (chunk) => {
        said += chunk;
        const [, port] = /serving on port (\d+)/.exec(said) ?? [];
        if (port) resolve(`oci://127.0.0.1:${port}/charts`);
      });
    });
  });
  afterAll(async () => {
    if (registry.exitCode === null) {
      const ended = new Promise((resolve) => registry.once('exit', resolve));
      registry.kill();
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** Packages of the library chart under these names. */
  const packages = (label: string, charts: Record<string, { remark?: string; version?: string }>) => {
    const out = join(folder, label, 'packages');
    mkdirSync(out, { recursive: true });
    for (const [name, { remark = '', version = '1.0.0' }] of Object.entries(charts)) {
      const chart = join(folder, label, name);
      cpSync(join(repository, 'charts/service'), chart, { recursive: true });
      appendFileSync(join(chart, 'README.md'), remark);
      const file = join(chart, 'Chart.yaml');
      run('sed', ['-i.bak', '-e', `s/^name: .*/name: ${name}/`, file]);
      rmSync(`${file}.bak`);
      expect(run('helm', ['package', chart, '--version', version, '-d', out])).toMatchObject({ status: 0 });
    }
    return out;
  };
  const push = (from: string, to = address) => {
    const { status, stdout, stderr } = run(process.execPath, ['tools/release/push-charts.ts', '--packages', from, '--to', to, '--plain-http']);
    const last = stdout.trim().split('\n').at(-1)!;
    return { status, stderr, charts: status === 0 ? (JSON.parse(last) as { name: string; digest: string }[]) : [] };
  };
  const isPublished = (name: string, version: string) =>
    run('helm', ['pull', `${address}/${name}`, '--version', version, '-d', join(folder, 'pulled'), '--plain-http']).status === 0;

  test('publishes every chart, and is repeated without harm', () => {
    const from = packages('first', { one: {}, two: {} });
    const first = push(from);
    expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/pushed one 1\.0\.0[^]*pushed two 1\.0\.0/) as string });
    expect(first.charts).toEqual(['one', 'two'].map((name) => ({ name, digest: expect.stringMatching(/^sha256:/) as string })));
    expect(isPublished('two', '1.0.0')).toBe(true);
    // Packaged anew, at another time.
    expect(push(packages('again', { one: {}, two: {} }))).toEqual({ status: 0, stderr: '', charts: first.charts });
  });

  test('publishes nothing where one would replace what somebody may have installed, and says what to raise', () => {
    push(packages('published', { three: {} }));
    const refused = push(packages('other', { four: {}, three: { remark: 'Something else.' } }));
    expect(refused).toMatchObject({ status: 1, charts: [] });
    expect(refused.stderr).toContain('Nothing was pushed: three 1.0.0 is published with other contents.');
    expect(refused.stderr).toContain('npm run charts -- --raise patch three');
    expect(isPublished('four', '1.0.0')).toBe(false);
    expect(push(packages('raised', { four: {}, three: { remark: 'Something else.', version: '1.0.1' } })).status).toBe(0);
  });

  test('does not take a registry that cannot be reached for one without the chart', () => {
    const { status, stderr } = push(packages('nowhere', { five: {} }), 'oci://127.0.0.1:1/charts');
    expect(status).toBe(1);
    expect(stderr).toMatch(/Whether five 1\.0\.0 is published cannot be told: .*refused/s);
  });
});

describe('the workflows', () => {
  const folder = join(repository, '.github/workflows');
  interface Job {
    uses?: string;
    needs?: string | string[];
    strategy?: { matrix?: { app?: string } };
    outputs?: Record<string, string>;
    steps?: { id?: string; uses?: string; run?: string }[];
  }
  const workflows = Object.fromEntries(
    readdirSync(folder).map((file) => [file, parse(readFileSync(join(folder, file), 'utf8')) as { on: object; jobs: Record<string, Job> }]),
  );
  const jobs = Object.values(workflows).flatMap((workflow) => Object.values(workflow.jobs));

  test('name every action of others by the digest of its commit: a tag can be moved', () => {
    const used = jobs.flatMap(({ uses, steps = [] }) => [uses, ...steps.map((step) => step.uses)]).filter((name) => name !== undefined);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !/^\.\/|@[0-9a-f]{40}$/.test(name))).toEqual([]);
  });

  test('release nothing before every check has passed', () => {
    const { jobs: release } = workflows['release.yaml']!;
    const before = (name: string): string[] => {
      const needs = [release[name]!.needs ?? []].flat();
      return [...needs, ...needs.flatMap(before)];
    };
    const [checks] = Object.entries(release).find(([, { uses }]) => uses === './.github/workflows/ci.yaml')!;
    expect(Object.keys(workflows['ci.yaml']!.on)).toContain('workflow_call');
    const publishing = Object.keys(release).filter((name) => !['version', checks].includes(name));
    expect(publishing).toEqual(['images', 'charts', 'sign-charts']);
    for (const name of publishing) expect(before(name)).toContain(checks);
  });

  test('publish an image of every app that has one', () => {
    const { version, images } = workflows['release.yaml']!.jobs;
    expect(images!.strategy!.matrix!.app).toBe('${{ fromJson(needs.version.outputs.apps) }}');
    expect(version!.outputs).toEqual({ apps: '${{ steps.apps.outputs.apps }}' });
    const names = /node tools\/images\/images\.ts --names/.exec(version!.steps!.find(({ id }) => id === 'apps')!.run!)![0];
    const [, ...words] = names.split(' ');
    expect(JSON.parse(run(process.execPath, words).stdout)).toEqual([...parts, 'chart-jobs'].sort());
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import Ajv from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { chartPath, repository, run } from '../helm';
import { objectionsTo } from '../kubeconform';
import { parts } from '../scenarios';

const read = (file: string) => readFileSync(join(repository, file), 'utf8');
const configs = parseAllDocuments(read('skaffold.yaml')).map((document) => document.toJS());
const named = (name: string) => configs.find(({ metadata }) => metadata.name === name);
const verification = named('shop').profiles.find(({ name }: any) => name === 'verify');
const artifacts = [...configs, verification].flatMap(({ build }) => (build.artifacts ?? []) as any[]);
const images = (): string[] =>
  JSON.parse(
    run(process.execPath, [
      '--input-type=module',
      '-e',
      "import { imageNames } from './tools/images/images.ts'; console.log(JSON.stringify(imageNames()))",
    ]).stdout,
  );

/** What Skaffold does to a release's templates, for an image `name` that it called `registry.example/name:built`. */
function templated(value: string): string {
  return value.replaceAll(/\{\{\.IMAGE_(REPO|TAG|DIGEST)_(\w+)\}\}/g, (_all, part: string, image: string) => {
    const name = artifacts.find((each) => each.image.replaceAll(/[/-]/g, '_') === image)?.image;
    if (!name) throw new Error(`skaffold.yaml has no image ${image}`);
    return { REPO: `registry.example/${name}`, TAG: 'built', DIGEST: '' }[part] ?? '';
  });
}

/** Renders a release as Skaffold would have Helm do it. */
function renderRelease(release: any, extra: Record<string, unknown> = {}) {
  const values = { ...release.setValues, ...extra };
  const sets = [
    ...Object.entries(values).map(([key, value]) => `${key}=${String(value)}`),
    ...Object.entries(release.setValueTemplates as Record<string, string>).map(
      ([key, value]) => `${key}=${templated(value)}`,
    ),
  ].flatMap((each) => ['--set', each]);
  const files = (release.valuesFiles ?? [])
    .filter((file: string) => !file.startsWith('{{'))
    .flatMap((file: string) => ['-f', file]);
  return run('helm', ['template', release.name, release.chartPath, '-n', 'shop', ...files, ...sets]);
}

/** The values that a profile's patches add. */
const profileValues = (config: any, profile: string): Record<string, unknown> =>
  Object.fromEntries(
    (config.profiles?.find(({ name }: any) => name === profile)?.patches ?? [])
      .filter(({ path }: any) => path.startsWith('/deploy/helm/releases/0/setValues/'))
      .map(({ path, value }: any) => [path.split('/').pop().replaceAll('~1', '/'), value]),
  );

/** The pod of a service's release. */
const podOf = (service: string, extra: Record<string, unknown> = {}) =>
  parseAllDocuments(renderRelease(named(service).deploy.helm.releases[0], extra).stdout)
    .map((document) => document.toJS())
    .find((object) => object?.kind === 'Deployment' && object.metadata.name === service).spec.template.spec;

test('every module is one that Skaffold’s published schema takes', () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(
    JSON.parse(read('charts/tests/skaffold/v4beta13.json')),
  );
  for (const config of configs) {
    validate(config);
    expect([config.metadata.name, validate.errors ?? []]).toEqual([config.metadata.name, []]);
  }
  expect(validate({ ...configs[0], deploys: {} })).toBe(false);
  expect(validate({ ...configs[0], build: { artifacts: [{ imagE: 'x' }] } })).toBe(false);
});

test('there is a module for each service, and what it requires exists', () => {
  expect(configs.map(({ metadata }) => metadata.name)).toEqual(['infra', ...parts, 'shop']);
  for (const { requires = [] } of configs)
    for (const { configs: wanted } of requires) for (const name of wanted) expect(named(name)).toBeDefined();
});

test('the images are those that `npm run images` builds, and the acceptance suite', () => {
  expect(artifacts.map(({ image }) => image).sort()).toEqual(
    [...images().map((app) => `bulkhead/${app}`), 'bulkhead/acceptance'].sort(),
  );
});

test('what an image is built from is where the build puts it, and its Dockerfile takes it from there', () => {
  for (const { image, custom, docker } of artifacts) {
    if (docker) expect(existsSync(join(repository, docker.dockerfile))).toBe(true);
    else {
      const app = image.replace('bulkhead/', '');
      expect(custom.buildCommand).toBe(`node tools/images/skaffold-image.mjs ${app}`);
      expect(custom.dependencies.paths).toEqual([`dist/apps/${app}/**`, 'Dockerfile']);
      const entries = ['src/main.ts', 'server/main.ts'].map((file) => join(repository, 'apps', app, file));
      expect(entries.filter((file) => existsSync(file))).toHaveLength(1);
    }
  }
  expect(read('Dockerfile')).toMatch(/^COPY .*dist\/apps\/\$\{SERVICE\} \/app$/m);
});

test('a new bundle is put where the pod’s process runs it and may be written', () => {
  for (const service of parts) {
    const [{ sync }] = named(service).build.artifacts;
    const files = service === 'storefront' ? ['main.js*', 'site/**'] : ['main.js*'];
    expect(sync.manual).toEqual(
      files.map((each) => ({
        src: `dist/apps/${service}/${each}`,
        dest: '/app',
        strip: `dist/apps/${service}/`,
      })),
    );
    const pod = podOf(service, profileValues(named(service), 'reload'));
    const [container] = pod.containers;
    expect(container.command).toEqual(['sh', '-c']);
    expect(container.volumeMounts).toContainEqual({ name: 'app', mountPath: '/app' });
    expect(pod.volumes).toContainEqual({ name: 'app', emptyDir: {} });
  }
});

test('only dev reloads: debug changes the command of the image, and run serves what was built', () => {
  for (const service of parts) {
    const { activation } = named(service).profiles.find(({ name }: any) => name === 'reload');
    expect(activation).toEqual([{ command: 'dev' }]);
    expect(podOf(service).containers[0].command).toBeUndefined();
  }
});

test('data outlives the pods, which every session makes anew', () => {
  const [release] = named('infra').deploy.helm.releases;
  const sets = parseAllDocuments(renderRelease(release).stdout)
    .map((document) => document.toJS())
    .filter((object) => object?.kind === 'StatefulSet');
  expect(sets.map(({ metadata }) => metadata.name).sort()).toEqual(['postgresql', 'rabbitmq']);
  for (const { spec } of sets) expect(spec.volumeClaimTemplates[0].metadata.name).toBe('data');
});

describe('what runs in the pod', () => {
  let folder: string;
  let shell: ChildProcess | undefined;
  let output: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-reload-'));
    mkdirSync(join(folder, 'app'));
    output = '';
  });
  afterEach(async () => {
    if (shell) {
      const ended = new Promise((resolve) => shell?.once('exit', resolve));
      shell.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true });
  });

  const start = () => {
    const [{ args }] = podOf('order', profileValues(named('order'), 'reload')).containers;
    const script = args[0].replaceAll(/\/(?:tmp\/)?(app|next|run)\b/g, `${folder}/$1`);
    shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [shell.stdout, shell.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  };
  /** As a sync does: the file goes, and another with its name is written in parts. */
  const put = async (text: string, pauseMs = 20) => {
    for (const [name, content] of [
      ['main.js', `${text}\n${'// a large bundle\n'.repeat(20_000)}//# sourceMappingURL=main.js.map\n`],
      ['main.js.map', '{}'],
    ] as const) {
      const file = join(folder, 'app', name);
      rmSync(file, { force: true });
      const half = Math.floor(content.length / 2);
      appendFileSync(file, content.slice(0, half));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      appendFileSync(file, content.slice(half));
    }
  };
  const lives = (name: string) =>
    `console.log('${name} begins'); process.on('SIGTERM', () => { console.log('${name} drained'); process.exit(0); }); setInterval(() => {}, 1000);`;
  const has = (text: string) => eventually(() => output.includes(text));

  it('takes up the tenth edit as the first, lets what ran before drain, and starts once a bundle', async () => {
    await put(lives('edit-0'));
    start();
    await has('edit-0 begins');
    for (let edit = 1; edit <= 10; edit++) {
      // Skaffold copies the same once for each of its modules.
      for (let copy = 0; copy < 5; copy++) await put(lives(`edit-${edit}`));
      await has(`edit-${edit} begins`);
    }
    const expected = Array.from({ length: 10 }, (_, edit) => [`edit-${edit} begins`, `edit-${edit} drained`]);
    expect(output.trim().split('\n')).toEqual([...expected.flat(), 'edit-10 begins']);
  }, 30_000);

  it('does not take half a bundle for one, however long the other half takes', async () => {
    await put(lives('edit-0'));
    start();
    await has('edit-0 begins');
    await put(lives('edit-1'), 1_000);
    await has('edit-1 begins');
    expect(output.trim().split('\n')).toEqual(['edit-0 begins', 'edit-0 drained', 'edit-1 begins']);
  });

  it('takes up a whole bundle while it is still being copied for other modules', async () => {
    await put(lives('edit-0'));
    start();
    await has('edit-0 begins');
    let isCopying = true;
    const copying = (async () => {
      while (isCopying) await put(lives('edit-1'), 30);
    })();
    await has('edit-1 begins').finally(() => (isCopying = false));
    await copying;
    expect(output.trim().split('\n')).toEqual(['edit-0 begins', 'edit-0 drained', 'edit-1 begins']);
  });

  it('does not wait for longer than a second for what ran before', async () => {
    await put("console.log('stubborn'); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);");
    start();
    await has('stubborn');
    await put(lives('edit-1'));
    await has('edit-1 begins');
  });

  it('restarts for changed pages', async () => {
    const page = join(folder, 'app/site/index.html');
    mkdirSync(join(folder, 'app/site'));
    appendFileSync(page, 'before');
    await put(`console.log(require('fs').readFileSync('${page}', 'utf8')); ${lives('it')}`);
    start();
    await has('before');
    rmSync(page);
    appendFileSync(page, 'after');
    await has('after');
  });

  it('outlives a bundle that fails, so that the next can be copied', async () => {
    await put('process.exit(3);');
    start();
    await has('ended with 3');
    await put(lives('repaired'));
    await has('repaired begins');
  });
});

describe.each(['infra', ...parts])('the release of %s', (name) => {
  const config = named(name);
  const [release] = config.deploy.helm.releases;

  test.each([undefined, 'reload', 'kind', 'minikube', 'observability'])('renders, with profile %s', (profile) => {
    const { status, stdout, stderr } = renderRelease(release, profile ? profileValues(config, profile) : {});
    expect([status, stderr.replaceAll(/^level=INFO.*\n/gm, '')]).toEqual([0, '']);
    expect(objectionsTo(stdout)).toEqual([]);
    // Each image of ours is one that Skaffold builds: it would pull any other.
    for (const [, image] of stdout.matchAll(/image: (\S*bulkhead\S*)/g))
      expect(image).toMatch(/^registry\.example\/bulkhead\/[a-z-]+:built$/);
  });

  test('is of a chart with that name', () => {
    expect([release.name, release.chartPath]).toEqual([name, `charts/${name}`]);
    expect(existsSync(chartPath(name))).toBe(true);
  });
});

test('in production every module but the last only builds, and that one names every image', () => {
  for (const name of ['infra', ...parts])
    expect(named(name).profiles.find((each: any) => each.name === 'production').patches).toEqual([
      { op: 'remove', path: '/deploy' },
    ]);
  const { deploy } = named('shop').profiles.find(({ name }: any) => name === 'production');
  const keys = Object.keys(deploy.helm.releases[0].setValueTemplates);
  for (const service of parts) expect(keys).toContain(`${service}.image.digest`);
  const defaults = run('helm', ['show', 'values', chartPath('bulkhead')]).stdout;
  expect(Object.keys(parse(defaults))).toEqual(expect.arrayContaining(parts));
});

test('verify asks the gateway, from a pod that its NetworkPolicy lets in', () => {
  const [{ container, executionMode }] = verification.verify;
  expect(artifacts.map(({ image }) => image)).toContain(container.image);
  const job = read(executionMode.kubernetesCluster.jobManifestPath);
  expect(objectionsTo(job)).toEqual([]);
  const { labels } = parse(job).spec.template.metadata;
  const gateway = parseAllDocuments(renderRelease(named('gateway').deploy.helm.releases[0]).stdout).map(
    (document) => document.toJS(),
  );
  const admitted = gateway
    .find((object) => object?.kind === 'NetworkPolicy')
    .spec.ingress.flatMap(({ from }: any) => from.map(({ podSelector }: any) => podSelector?.matchLabels));
  expect(admitted).toContainEqual(labels);
  const service = gateway.find((object) => object?.kind === 'Service');
  expect(container.env).toEqual([
    { name: 'BASE_URL', value: `http://${service.metadata.name}:${service.spec.ports[0].port}` },
  ]);
});

test('kind leads its port to the gateway’s', () => {
  const kind = parse(read('k8s/kind.yaml'));
  const [, proxy] = parseAllDocuments(read('k8s/gateway.yaml')).map((document) => document.toJS());
  const [port] = proxy.spec.provider.kubernetes.envoyService.patch.value.spec.ports;
  expect(kind.nodes[0].extraPortMappings[0]).toMatchObject({ containerPort: port.nodePort, hostPort: 8080 });
  expect(read('charts/bulkhead/values-kind.yaml')).toContain('publicUrl: http://shop.localhost:8080');
});

test('every file that skaffold.yaml names is there', () => {
  for (const [file] of read('skaffold.yaml').matchAll(/(?<!\/)\b(charts|k8s|apps|tools)\/[\w./-]+/g))
    expect([file, globSync(join(repository, file.replace(/\/$/, ''))).length]).toEqual([file, 1]);
});

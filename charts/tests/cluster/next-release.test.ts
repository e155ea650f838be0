import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../helm';
import { charts } from './environment';
import { createKube } from './kube';
import { install, type ReleaseOptions, uninstall, upgrade } from './release';

/** What the API server and Helm make of what somebody did before: no pod has to run for that, and no image to exist. */
const kube = createKube('bulkhead-next-release');
const nowhere = { image: { repository: 'registry.invalid/bulkhead', tag: 'none' } };

beforeAll(() => kube.create());
afterAll(() => kube.delete());

describe('the next release of a service', () => {
  const release = (values: object, flags: readonly string[] = []): ReleaseOptions => ({
    name: 'order',
    namespace: kube.namespace,
    chart: join(charts, 'order'),
    values: { migrations: { enabled: false }, ...nowhere, ...values },
    wait: false,
    flags,
  });
  const scaled = { replicas: null, autoscaling: { type: 'cpu', min: 3, max: 9 } };
  const replicas = async () => (await kube.get('deployment', 'order'))['spec'].replicas as number;
  const scale = (count: number) => kube.kubectl(['scale', 'deployment/order', `--replicas=${count}`]);

  beforeAll(() => install(release({ replicas: 2 })));
  afterAll(() => uninstall('order', kube.namespace));

  it('may say another number of pods than the one before', async () => {
    await upgrade(release({ replicas: 4 }));
    expect(await replicas()).toBe(4);
  });

  it('is rejected after manual scaling, until it is scaled back or the release is forced', async () => {
    await scale(5);
    await expect(upgrade(release({ replicas: 4 }))).rejects.toThrow(/conflict.*kubectl.*\.spec\.replicas/s);
    await scale(4);
    await upgrade(release({ replicas: 4 }));
    await scale(6);
    await upgrade(release({ replicas: 4 }, ['--force-conflicts']));
    expect(await replicas()).toBe(4);
  });

  it('keeps the pods that there are when it leaves their number to an autoscaler, and at least its minimum', async () => {
    await upgrade(release(scaled));
    expect(await replicas()).toBe(4);
    await upgrade(release({ replicas: 2 }, ['--force-conflicts']));
    await upgrade(release(scaled));
    expect(await replicas()).toBe(3);
    await upgrade(release(scaled));
    expect(await replicas()).toBe(3);
  });

  it('then says no number, whatever the autoscaler did since', async () => {
    // By the same door, the subresource `scale`.
    await scale(7);
    await upgrade(release(scaled));
    expect(await replicas()).toBe(7);
    await upgrade(release(scaled));
    expect(await replicas()).toBe(7);
  });
});

it('what a first install that failed needs before pods is made with them: its servers never came', async () => {
  const options = (flags: readonly string[]): ReleaseOptions => ({
    name: 'failed',
    namespace: kube.namespace,
    chart: join(charts, 'bulkhead'),
    values: { global: nowhere },
    wait: false,
    timeoutSeconds: 5,
    flags,
  });
  await expect(install(options([]))).rejects.toThrow(/pre-install/);
  const text = await upgrade(options(['--dry-run=server', '--hide-notes']));
  const objects = parseAllDocuments(text.slice(text.indexOf('\n---')))
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object?.kind === 'Job');
  const hooks = objects.filter((job) => job?.metadata.annotations?.['helm.sh/hook']);
  const names = (jobs: typeof objects) => jobs.map((job) => job!.metadata.name.replace(/-[0-9a-f]{8}$/, ''));
  expect(names(objects)).toEqual(expect.arrayContaining(['failed-infra-provision', 'failed-order-migrate']));
  expect(names(hooks).filter((name) => !name.endsWith('-credentials'))).toEqual([]);
  await uninstall('failed', kube.namespace);
});

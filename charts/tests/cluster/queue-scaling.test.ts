import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { withClient } from '@bulkhead/database/admin-client';
import { parse } from 'yaml';
import { faultsInPod } from '../../../experiments/shop/admin-port';
import type { NewFault } from '../../../experiments/shop/shop';
import { charts, readEnvironment } from './environment';
import { createKube, within } from './kube';
import { createQueueScaler } from './queue-scaler';
import { secretValue } from './nothing-lost';
import { install } from './release';

const environment = readEnvironment();
const kube = createKube('bulkhead-queue');
const scaler = createQueueScaler(kube, environment.tag);
const queue = 'bulkhead.notification.users';
const messages = 1_500;

/** One service and its servers, scaled by the objects that its chart makes for KEDA. */
describe('a service that is scaled by its queue', () => {
  beforeAll(async () => {
    const { infra } = parse(readFileSync(environment.valuesFile, 'utf8')) as { infra: object };
    const global = { image: { tag: environment.tag }, networkPolicy: { enabled: false } };
    await Promise.all([kube.create(), scaler.addKinds()]);
    const shared = { namespace: kube.namespace };
    await install({ ...shared, name: 'infra', chart: join(charts, 'infra'), values: { ...infra, global } });
    await install({
      ...shared,
      name: 'notification',
      chart: join(charts, 'notification'),
      values: {
        global,
        replicas: null,
        faults: true,
        preflight: { test: false },
        resources: { requests: { cpu: '10m', memory: '64Mi' } },
        autoscaling: {
          type: 'queue',
          min: 1,
          max: 3,
          queue: { messages: 100, existingSecret: 'infra' },
        },
      },
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await kube.describe()}`);
    });
    await scaler.start('notification');
  }, 420_000);

  afterAll(async () => {
    await scaler.remove();
    await kube.delete();
  });

  const podsNow = async () => (await kube.pods('notification')).map(({ metadata }) => metadata.name);

  it('gets more pods while messages wait, which help to handle them, and gives them back', async () => {
    const [first] = await podsNow();
    expect(await podsNow()).toEqual([first]);
    await slowDown(first!);
    await scaler.askBroker('registerPeople', messages);
    await within(120, async () => expect(await podsNow()).toHaveLength(3));
    await within(180, async () => expect(await scaler.askBroker('depthOf', queue)).toBe(0));
    await within(120, async () => expect(await podsNow()).toHaveLength(1));
    expect(await handled()).toBe(messages);
  });

  /** A batch takes longer than all messages need to come, also where those come slowly; pods that come later are not slow. */
  const slowDown = async (pod: string) => {
    const token = await secretValue(kube, 'notification-credentials', 'admin-token');
    const faults: NewFault[] = [
      {
        id: 'slow-consumer',
        target: { kind: 'consumer', name: 'notification.users.*' },
        effect: { type: 'latency', latency: { distribution: 'fixed', ms: 10_000 } },
        durationMs: 300_000,
      },
    ];
    expect(await kube.inPod(pod, faultsInPod(token, faults))).toMatchObject({ status: 200 });
  };

  /** Messages that have left a mark in the database of notification: each one, once. */
  const handled = async () => {
    const url = new URL(await secretValue(kube, 'notification-database', 'app-url'));
    const forward = await kube.forward('svc/postgresql', 5432);
    url.host = `127.0.0.1:${forward.port}`;
    try {
      return await withClient(url.toString(), async (client) => {
        const { rows } = await client.query<{ count: number }>('select count(*)::int from inbox');
        return rows[0]!.count;
      });
    } finally {
      forward.stop();
    }
  };
});

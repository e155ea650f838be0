import { serviceNames, type ServiceName } from '@bulkhead/contracts/services';
import { faultsInPod } from '../admin-port';
import type { DatabaseUrls, NewFault, Shop } from '../shop';
import { openNamespace, until } from './kubectl';
import { forwardLastingly } from './lasting-forward';
import { type IngressRule, withoutCaller } from './partition-policy';
import { openRemoteProvider } from './remote-provider';

/** Where the shop under test is; see docs/experiments. */
export interface ClusterPlace {
  /** Where the cluster's gateway leads to it. */
  readonly origin: string;
  readonly namespace: string;
  /** Of the umbrella chart: all names begin with it. */
  readonly release: string;
}

export const clusterPlace = (environment: Readonly<Record<string, string | undefined>>): ClusterPlace => ({
  origin: environment['SHOP_URL'] ?? 'http://localhost:8080',
  namespace: environment['CLUSTER_NAMESPACE'] ?? 'bulkhead',
  release: environment['CLUSTER_RELEASE'] ?? 'bulkhead',
});

const backWithinSeconds = 240;
const unable = (what: string) => async () => {
  throw new Error(`a shop in a cluster has no ${what}`);
};

/**
 * The shop that is installed in the cluster which KUBECONFIG leads to, to be hurt as any other: pods are killed, scaled to
 * none and replaced, NetworkPolicies cut calls off, faults are set in every pod of a service. It is left installed, with
 * everything that was cut off or scaled put back.
 */
export async function openClusterShop({ origin, namespace, release }: ClusterPlace): Promise<Shop> {
  const kube = openNamespace(namespace);
  const prefix = `${release}-`;
  const forwards = await Promise.all([
    forwardLastingly(namespace, `svc/${prefix}postgresql`, 5432),
    forwardLastingly(namespace, `svc/${prefix}rabbitmq`, 5672),
    forwardLastingly(namespace, `svc/${prefix}mail-catcher`, 8025),
    forwardLastingly(namespace, `svc/${prefix}payment-provider`, 8090),
  ]);
  const [postgresql, rabbitmq, mails, providerPort] = forwards;
  const locally = (url: string, port: number) => {
    const known = new URL(url);
    known.host = `127.0.0.1:${port}`;
    return known.toString();
  };
  const databases = new Map<ServiceName, DatabaseUrls>();
  for (const name of serviceNames) {
    if (name === 'gateway') continue;
    const urlOf = async (key: string) =>
      locally(await kube.secret(`${prefix}${name}-database`, key), postgresql.port);
    databases.set(name, { ownerUrl: await urlOf('owner-url'), appUrl: await urlOf('app-url') });
  }

  const deployment = (service: string) => `deployment/${prefix}${service}`;
  const podsOf = async (service: string) => {
    const pods = await kube.pods(service);
    if (pods.length === 0) throw new Error(`no pod of ${service} runs in ${namespace}`);
    return pods;
  };
  const rolledOut = (service: string) =>
    kube.kubectl('rollout', 'status', deployment(service), `--timeout=${backWithinSeconds}s`);
  const replicasOf = async (service: ServiceName) =>
    (await kube.get<{ spec: { replicas: number } }>(deployment(service))).spec.replicas;
  /** How many pods there were of what was scaled to none. */
  const scaledDown = new Map<ServiceName, number>();
  const start = async (service: ServiceName) => {
    if ((await replicasOf(service)) === 0)
      await kube.kubectl('scale', deployment(service), `--replicas=${scaledDown.get(service) ?? 1}`);
    scaledDown.delete(service);
    // One that has crashed often would be started again only minutes later, a new one at once.
    const waiting = await kube.podsBackingOff(service);
    if (waiting.length > 0) await kube.kubectl('delete', 'pod', ...waiting, '--wait=false');
    await rolledOut(service);
  };

  /** Rules that were taken out of policies, by the name of the service called. */
  const kept = new Map<ServiceName, readonly IngressRule[]>();
  const allow = (service: ServiceName, value: readonly IngressRule[]) => {
    const patch = [{ op: 'replace', path: '/spec/ingress', value }];
    return kube.kubectl(
      'patch',
      'networkpolicy',
      `${prefix}${service}`,
      '--type=json',
      '-p',
      JSON.stringify(patch),
    );
  };

  /** The server ends at once and is started again in the same pod, whose volume stays. */
  const restartServer = async (server: string, command: string) => {
    const pod = `${prefix}${server}-0`;
    const restarts = async () =>
      (await kube.get<{ status: { containerStatuses: readonly { restartCount: number }[] } }>('pod', pod))
        .status.containerStatuses[0]!.restartCount;
    const before = await restarts();
    // The connection to the pod may end with the server.
    await kube.kubectl('exec', pod, '--', 'sh', '-c', command).catch(() => undefined);
    await until(async () => (await restarts()) > before, {
      seconds: 60,
      otherwise: `${server} has not ended`,
    });
  };
  const serverReady = (server: string) =>
    kube.kubectl(
      'wait',
      '--for=condition=Ready',
      `pod/${prefix}${server}-0`,
      `--timeout=${backWithinSeconds}s`,
    );
  const provider = openRemoteProvider(`http://127.0.0.1:${providerPort.port}`);

  return {
    kind: 'cluster',
    origin,
    dataDir: '',
    // Seeded by nobody in a cluster, and needed by no experiment.
    admin: { email: '', password: '' },
    databases,
    brokerUrl: locally(await kube.secret(`${prefix}infra`, 'rabbitmq-url'), rabbitmq.port),
    mailbox: `http://127.0.0.1:${mails.port}/mails`,
    provider,
    placeOf(service) {
      throw new Error(`${service} is in pods, not in a process of this machine`);
    },
    async setFaults(service: ServiceName, faults: readonly NewFault[]) {
      const token = await kube.secret(`${prefix}${service}-credentials`, 'admin-token');
      for (const pod of await podsOf(service)) {
        const { status, text } = await kube.inPod<{ status: number; text: string }>(
          pod,
          faultsInPod(token, faults),
        );
        if (status >= 300)
          throw new Error(
            `${pod} refuses faults with ${status} (${text}); install with ${service}.faults=true`,
          );
      }
    },
    async metrics(service) {
      const texts = await Promise.all(
        (await podsOf(service)).map((pod) =>
          kube.inPod<string>(pod, `fetch('http://127.0.0.1:9090/metrics').then((answer) => answer.text())`),
        ),
      );
      return texts.join('\n');
    },
    signal(service, signal) {
      if (signal !== 'SIGKILL') throw new Error(`pods are only killed here, not sent ${signal}`);
      void podsOf(service).then((pods) =>
        kube.kubectl('delete', 'pod', ...pods, '--grace-period=0', '--force'),
      );
    },
    start,
    async stopService(service) {
      const replicas = await replicasOf(service);
      if (replicas > 0) scaledDown.set(service, replicas);
      await kube.kubectl('scale', deployment(service), '--replicas=0');
      await until(async () => (await kube.pods(service)).length === 0, {
        seconds: 60,
        otherwise: `pods of ${service} still run`,
      });
    },
    async replace(service) {
      await kube.kubectl('rollout', 'restart', deployment(service));
      await rolledOut(service);
    },
    async link(from, to, mode) {
      if (mode === 'open') {
        const rules = kept.get(to);
        if (rules) await allow(to, rules);
        return void kept.delete(to);
      }
      const { spec } = await kube.get<{ spec: { ingress: readonly IngressRule[] } }>(
        'networkpolicy',
        `${prefix}${to}`,
      );
      if (!kept.has(to)) kept.set(to, spec.ingress);
      await allow(to, withoutCaller(spec.ingress, from));
    },
    killDatabase() {
      throw new Error('a database in a cluster is stopped by its own signal here');
    },
    // Its signal for ending without waiting for anybody, and without writing what is in memory.
    stopDatabase: () => restartServer('postgresql', 'kill -QUIT 1'),
    startDatabase: async () => void (await serverReady('postgresql')),
    // Without a word to anybody, as by SIGKILL, which the first process of a container does not get from within.
    killBroker: () => restartServer('rabbitmq', `rabbitmqctl eval 'erlang:halt(137, [{flush, false}]).'`),
    startBroker: async () => void (await serverReady('rabbitmq')),
    stopMail: unable('mail server that can be stopped without losing its mails'),
    startMail: unable('mail server that can be stopped without losing its mails'),
    async stop() {
      try {
        for (const [service, rules] of kept) await allow(service, rules);
        for (const service of serviceNames) await start(service);
        await provider.control({});
      } finally {
        for (const forward of forwards) forward.stop();
      }
    },
  };
}

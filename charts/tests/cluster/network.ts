import { createKube, type Kube } from './kube';
import { readTopology } from './topology';

/** What one pod could connect to, by the name of the target. */
type Reached = Readonly<Record<string, boolean>>;

interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const patienceMs = 4_000;

/** Tries all connections at once from inside a pod: a refusal by policy is a silence, which takes its time. */
const probe = (kube: Kube, pod: string, targets: readonly Target[]) =>
  kube.inPod<Reached>(
    pod,
    `Promise.all(${JSON.stringify(targets)}.map(({ name, host, port }) => new Promise((resolve) => {
      const socket = require('node:net').connect({ host, port, timeout: ${patienceMs} });
      const end = (reached) => { socket.destroy(); resolve([name, reached]); };
      socket.on('connect', () => end(true));
      socket.on('error', () => end(false));
      socket.on('timeout', () => end(false));
    }))).then(Object.fromEntries)`,
  );

/** Everything of a shop that listens: each service's API and admin port, the servers, what is simulated. */
async function allTargets(kube: Kube, prefix: string): Promise<Target[]> {
  const domain = `${kube.namespace}.svc.cluster.local`;
  const services = Object.keys(readTopology());
  const admin = await Promise.all(
    services.map(async (name) => {
      const [pod] = await kube.pods(name);
      return { name: `${name} admin`, host: pod!.status.podIP, port: 9090 };
    }),
  );
  const at = (name: string, app: string, port: number) => ({ name, host: `${prefix}${app}.${domain}`, port });
  return [
    ...services.map((name) => at(name, name, 8080)),
    ...admin,
    at('postgresql', 'postgresql', 5432),
    at('rabbitmq', 'rabbitmq', 5672),
    at('rabbitmq management', 'rabbitmq', 15672),
    at('mail-catcher', 'mail-catcher', 1025),
    at('payment-provider', 'payment-provider', 8090),
  ];
}

/** What a service must be able to reach: its peers, and the servers that it has something on. Itself it may. */
function neededBy(service: string): string[] {
  const facts = readTopology()[service]!;
  return [
    ...facts.peers,
    ...(facts.database ? ['postgresql', 'rabbitmq'] : []),
    ...(service === 'notification' ? ['mail-catcher'] : []),
    ...(service === 'payment' ? ['payment-provider'] : []),
  ].sort();
}

const namesOf = (reached: Reached, own = '') =>
  Object.keys(reached)
    .filter((name) => reached[name] && name !== own && name !== `${own} admin`)
    .sort();

/** The network policies, judged by connections that pods really try. */
export function describeNetwork(kube: () => Kube, prefix: string, strangerImage: () => string): void {
  describe('the network', () => {
    const services = Object.keys(readTopology());
    const reached = new Map<string, Reached>();
    const stranger = 'stranger';
    const elsewhere = 'stranger of another namespace';

    beforeAll(async () => {
      const targets = await allTargets(kube(), prefix);
      const other = createKube(`${kube().namespace}-stranger`);
      const judge = async (name: string, place: Kube, pod: string) =>
        void reached.set(name, await probe(place, pod, targets));
      try {
        await Promise.all([
          other.create().then(() => start(other, strangerImage())),
          start(kube(), strangerImage()),
        ]);
        await Promise.all([
          ...services.map(async (name) => judge(name, kube(), (await kube().pods(name))[0]!.metadata.name)),
          judge(stranger, kube(), 'stranger'),
          judge(elsewhere, other, 'stranger'),
        ]);
      } finally {
        await other.delete();
        await kube().kubectl(['delete', 'pod', 'stranger', '--now', '--ignore-not-found']);
      }
    });

    it.each(services)('lets %s reach the peers and servers it needs, and nothing else', (service) => {
      expect(namesOf(reached.get(service)!, service)).toEqual(neededBy(service));
    });

    it('lets a pod of another namespace reach what is public only', () => {
      expect(namesOf(reached.get(elsewhere)!)).toEqual(['gateway', 'storefront']);
    });

    it('lets a pod of the same namespace that belongs to no service reach what is public only', () => {
      expect(namesOf(reached.get(stranger)!)).toEqual(['gateway', 'storefront']);
    });
  });
}

async function start(kube: Kube, image: string): Promise<void> {
  await kube.apply(strangerPod(image));
  await kube.kubectl(['wait', '--for=condition=Ready', 'pod/stranger', '--timeout=60s']);
}

const strangerPod = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stranger' },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'stranger',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '-e', 'setInterval(() => {}, 1000)'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

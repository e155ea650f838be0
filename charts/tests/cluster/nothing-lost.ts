import { serviceNames } from '@bulkhead/contracts/services';
import { openShop } from '../../../experiments/invariants/open-shop';
import { runChecks } from '../../../experiments/invariants/run-checks';
import { asText } from '../../../experiments/invariants/report';
import type { Kube } from './kube';
import type { AcknowledgedOrder } from './traffic';

/** The value of a key of a Secret. */
export async function secretValue(kube: Kube, secret: string, key: string): Promise<string> {
  const { data } = await kube.get<{ data: Record<string, string> }>('secret', secret);
  const value = data[key];
  if (value === undefined) throw new Error(`the Secret ${secret} has no ${key}`);
  return Buffer.from(value, 'base64').toString('utf8');
}

/** Where one shop's servers and Secrets are. */
export interface ShopServers {
  /** The namespace of the shop's own pods. */
  readonly shop: Kube;
  /** The namespace of PostgreSQL, RabbitMQ and the mail catcher, and of the Secrets that infra made. */
  readonly infra: Kube;
  readonly prefix: string;
  readonly infraPrefix: string;
  /** The simulated payment provider's Service in the namespace of infra; default: the one that the shop brings. */
  readonly provider?: string;
}

/** A mail in the hands of a pod that was killed is taken up again when its lease is over, after two minutes. */
const longestTimerSeconds = 150;

/** One thing of a namespace that can be forwarded to, such as `svc/postgresql`. */
export interface Place {
  readonly kube: Kube;
  readonly target: string;
}

/** Where a shop's state is, wherever its servers are. */
export interface ShopState {
  readonly postgresql: Place;
  readonly rabbitmq: Place;
  readonly mails: Place;
  readonly provider: Place;
  /** URLs of the services' databases; their hosts do not matter. */
  readonly databases: Readonly<Record<string, string>>;
  /** URL of a user who may see everything; its host does not matter. */
  readonly broker: string;
}

/**
 * Reads all that the shop keeps, through port-forwards, and fails unless every invariant holds and every acknowledged
 * order is there and has ended.
 */
export async function expectNothingLost(
  { shop, infra, prefix, infraPrefix, provider }: ShopServers,
  acknowledged: readonly AcknowledgedOrder[],
  patienceSeconds = longestTimerSeconds,
): Promise<void> {
  const services = serviceNames.filter((name) => name !== 'gateway');
  const urls = services.map((name) => secretValue(infra, `${infraPrefix}${name}-database`, 'app-url'));
  await expectNothingLostIn(
    {
      postgresql: { kube: infra, target: `svc/${infraPrefix}postgresql` },
      rabbitmq: { kube: infra, target: `svc/${infraPrefix}rabbitmq` },
      mails: { kube: infra, target: `svc/${infraPrefix}mail-catcher` },
      provider: provider
        ? { kube: infra, target: provider }
        : { kube: shop, target: `svc/${prefix}payment-provider` },
      databases: Object.fromEntries((await Promise.all(urls)).map((url, index) => [services[index]!, url])),
      broker: await secretValue(infra, `${infraPrefix}infra`, 'rabbitmq-url'),
    },
    acknowledged,
    patienceSeconds,
  );
}

/** The same, of servers of any making. */
export async function expectNothingLostIn(
  { databases, broker, ...places }: ShopState,
  acknowledged: readonly AcknowledgedOrder[],
  patienceSeconds = longestTimerSeconds,
): Promise<void> {
  const forward = ({ kube, target }: Place, port: number) => kube.forward(target, port);
  const forwards = await Promise.all([
    forward(places.postgresql, 5432),
    forward(places.rabbitmq, 5672),
    forward(places.mails, 8025),
    forward(places.provider, 8090),
  ]);
  const [postgresql, rabbitmq, mails, provider] = forwards;
  const locally = (url: string, { port }: { port: number }) => {
    const known = new URL(url);
    known.host = `127.0.0.1:${port}`;
    return known.toString();
  };
  try {
    const opened = openShop(
      {
        databases: Object.fromEntries(
          Object.entries(databases).map(([name, url]) => [name, locally(url, postgresql)]),
        ),
        broker: { url: locally(broker, rabbitmq) },
        providerUrl: `http://127.0.0.1:${provider.port}`,
        mailbox: `http://127.0.0.1:${mails.port}/mails`,
      },
      { acknowledged },
    );
    try {
      const report = await runChecks(opened, patienceSeconds * 1_000);
      if (report.verdict !== 'holds') throw new Error(asText(report));
    } finally {
      await opened.close();
    }
  } finally {
    for (const { stop } of forwards) stop();
  }
}

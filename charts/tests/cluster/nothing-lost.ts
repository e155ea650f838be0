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

/**
 * Reads all that the shop keeps, through port-forwards, and fails unless every invariant holds and every acknowledged
 * order is there and has ended.
 */
export async function expectNothingLost(
  { shop, infra, prefix, infraPrefix, provider: outside }: ShopServers,
  acknowledged: readonly AcknowledgedOrder[],
  patienceSeconds = longestTimerSeconds,
): Promise<void> {
  const forwards = await Promise.all([
    infra.forward(`svc/${infraPrefix}postgresql`, 5432),
    infra.forward(`svc/${infraPrefix}rabbitmq`, 5672),
    infra.forward(`svc/${infraPrefix}mail-catcher`, 8025),
    outside ? infra.forward(outside, 8090) : shop.forward(`svc/${prefix}payment-provider`, 8090),
  ]);
  const [postgresql, rabbitmq, mails, provider] = forwards;
  const locally = (url: string, { port }: { port: number }) => {
    const known = new URL(url);
    known.host = `127.0.0.1:${port}`;
    return known.toString();
  };
  try {
    const databases = Object.fromEntries(
      await Promise.all(
        serviceNames
          .filter((name) => name !== 'gateway')
          .map(async (name) => [
            name,
            locally(await secretValue(infra, `${infraPrefix}${name}-database`, 'app-url'), postgresql),
          ]),
      ),
    ) as Record<string, string>;
    const opened = openShop(
      {
        databases,
        broker: { url: locally(await secretValue(infra, `${infraPrefix}infra`, 'rabbitmq-url'), rabbitmq) },
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

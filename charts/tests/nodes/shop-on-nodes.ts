import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createShopClient } from '@bulkhead/app/acceptance/src/client';
import { serviceNames } from '@bulkhead/contracts/services';
import { parse } from 'yaml';
import { charts } from '../cluster/environment';
import { createKube, type Kube } from '../cluster/kube';
import { install } from '../cluster/release';
import { readEnvironment } from './environment';
import { openForBusiness } from '../cluster/visitor';

export const environment = readEnvironment();
export const shop = createShopClient(environment.shopUrl);

export interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

/** What this cluster needs, from the values file that came with it. */
export const given = () =>
  parse(readFileSync(environment.valuesFile, 'utf8')) as {
    readonly infra: { readonly postgresql: { image: string }; readonly rabbitmq: { image: string } };
  };

/** The shop's namespace, and that of its servers, which are somebody else's. */
export const namespaces = () => ({
  kube: createKube('bulkhead-nodes'),
  infra: createKube('bulkhead-servers'),
});

/** @throws Error unless there are three nodes */
export async function readNodes(kube: Kube): Promise<readonly [Node, Node, Node, ...Node[]]> {
  const { items } = await kube.get<{ items: Node[] }>('nodes');
  const [first, second, third, ...more] = items;
  if (!first || !second || !third) throw new Error(`the cluster has ${items.length} of three nodes`);
  return [first, second, third, ...more];
}

/** A `nodeSelector` for one node. */
export const only = ({ metadata: { labels } }: Node): Readonly<Record<string, string>> => ({
  'kubernetes.io/hostname': labels['kubernetes.io/hostname']!,
});

/** Values of a service that is to start fast beside many others. */
export const small = {
  preflight: { test: false },
  resources: { requests: { cpu: '10m', memory: '64Mi' } },
};

/**
 * Installs the shop and waits until it has something to sell.
 * @param values of the umbrella: where its servers are
 * @param valuesOf more values of a service
 * @throws Error with the state of both namespaces
 */
export async function installShop(
  { kube, infra }: ReturnType<typeof namespaces>,
  values: Record<string, object>,
  valuesOf: (service: string) => object,
): Promise<void> {
  await install({
    name: 'shop',
    namespace: kube.namespace,
    chart: join(charts, 'bulkhead'),
    files: [environment.valuesFile],
    timeoutSeconds: 420,
    values: {
      ...values,
      ...Object.fromEntries(serviceNames.map((name) => [name, { ...values[name], ...valuesOf(name) }])),
      global: { ...values['global'], image: { tag: environment.tag } },
    },
  }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await kube.describe()}\n${await infra.describe()}`);
  });
  await openForBusiness(shop);
}

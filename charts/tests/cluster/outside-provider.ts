import { randomBytes } from 'node:crypto';
import type { Kube } from './kube';

const port = 8090;
const name = 'payments';
const key = 'PAYMENT_WEBHOOK_SECRET';

export interface OutsideProvider {
  /** Its Service, in its own namespace. */
  readonly service: string;
  /** Values of the payment chart. */
  readonly payment: object;
  /** Values of the gateway's chart, to which its webhooks come. */
  readonly gateway: object;
}

/**
 * Runs the simulated payment provider as what it stands for: somebody else's server, with a book of its own. No upgrade
 * of the shop touches it.
 * @param shop where the Secret is made that both sign and verify webhooks with
 * @param gateway the Service of the shop's gateway
 * @param nodeSelector labels of the nodes where it may run
 */
export async function startOutsideProvider(
  shop: Kube,
  outside: Kube,
  gateway: string,
  tag: string,
  nodeSelector: Readonly<Record<string, string>> = {},
): Promise<OutsideProvider> {
  const secret = `${name}-webhooks`;
  const labels = { app: name };
  const signing = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret },
    stringData: { [key]: randomBytes(24).toString('hex') },
  };
  await shop.apply(signing);
  await outside.apply(
    signing,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ port }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: pod(`docker.io/bulkhead/payment:${tag}`) },
      },
    },
  );
  await outside.rolledOut(`deployment/${name}`);
  return {
    service: `svc/${name}`,
    payment: {
      simulatedProvider: { enabled: false },
      config: { PAYMENT_PROVIDER_URL: `http://${name}.${outside.namespace}.svc:${port}` },
      secrets: { [key]: { existingSecret: secret, key } },
      networkPolicy: { provider: { to: [{ namespaceSelector: {} }], ports: [port] } },
    },
    gateway: {
      networkPolicy: {
        extraIngress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8080, protocol: 'TCP' }] }],
      },
    },
  };

  function pod(image: string): object {
    const webhooks = `http://${gateway}.${shop.namespace}.svc:8080/api/v1/payments/webhooks/simulated`;
    return {
      nodeSelector,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name,
          image,
          args: ['simulated-provider'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          env: [
            { name: 'PORT', value: String(port) },
            { name: 'HOST', value: '0.0.0.0' },
            { name: 'PAYMENT_WEBHOOK_URL', value: webhooks },
            { name: key, valueFrom: { secretKeyRef: { name: secret, key } } },
          ],
          readinessProbe: { tcpSocket: { port }, periodSeconds: 2 },
        },
      ],
    };
  }
}

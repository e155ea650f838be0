import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '@bulkhead/testing/authority';
import type { Kube } from './kube';

const name = 'queue-metrics';
const labels = { app: name };
const kinds = { ScaledObject: 'scaledobjects', TriggerAuthentication: 'triggerauthentications' };

interface ScaledObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicaCount: number;
    readonly maxReplicaCount: number;
    readonly triggers: readonly {
      readonly type: string;
      readonly metadata: Readonly<Record<string, string>>;
      readonly authenticationRef?: { readonly name: string };
    }[];
  };
}
interface TriggerAuthentication {
  readonly spec: { readonly secretTargetRef: readonly { readonly name: string; readonly key: string }[] };
}

/**
 * What KEDA does with the objects of the charts, where KEDA itself cannot run: their kinds, a metrics server that asks the
 * broker for depths of queues, and the HorizontalPodAutoscaler that follows from a ScaledObject. `metrics` are served for
 * the whole cluster: `remove` takes them away again.
 */
export function createQueueScaler(kube: Kube, tag: string) {
  return {
    /** The kinds of KEDA, with any content: whether they are as KEDA wants them is what the charts' tests say. */
    addKinds: () => kube.apply(...Object.entries(kinds).map(([kind, plural]) => customKind(kind, plural))),

    /**
     * Begins to scale as a ScaledObject says, down as soon as less is wanted.
     * @throws Error where it has no trigger of a queue
     */
    async start(scaledObject: string): Promise<void> {
      const { spec } = await kube.get<ScaledObject>('scaledobject', scaledObject);
      const triggers = spec.triggers.filter(({ type }) => type === 'rabbitmq');
      const [trigger] = triggers;
      if (!trigger?.authenticationRef) throw new Error(`${scaledObject} has no trigger of a queue`);
      const { spec: login } = await kube.get<TriggerAuthentication>(
        'triggerauthentication',
        trigger.authenticationRef.name,
      );
      const [{ name: secret, key }] = login.secretTargetRef as [{ name: string; key: string }];
      await kube.apply(...metricsServer({ secret, key }));
      await kube.rolledOut(`deployment/${name}`);
      await kube.apply(apiService(kube.namespace));
      await kube.kubectl([
        'wait',
        '--for=condition=Available',
        `apiservice/${apiServiceName}`,
        '--timeout=60s',
      ]);
      await kube.apply(autoscaler(scaledObject, spec, triggers));
    },

    /** Calls what broker-in-pod.cjs exports, in the pod of the metrics server. */
    async askBroker(call: 'depthOf' | 'registerPeople', argument: string | number): Promise<number> {
      const [pod] = await kube.list('pod', `app=${name}`);
      const words = `require('/program/broker-in-pod.cjs').${call}(${JSON.stringify(argument)})`;
      return kube.inPod<number>(pod!.metadata.name, words);
    },

    async remove(): Promise<void> {
      await kube.kubectl(['delete', 'apiservice', apiServiceName, '--ignore-not-found']);
      for (const plural of Object.values(kinds))
        await kube.kubectl(['delete', 'crd', `${plural}.keda.sh`, '--ignore-not-found', '--wait=false']);
    },
  };

  function metricsServer(login: { readonly secret: string; readonly key: string }): object[] {
    const certificate = createAuthority('queue metrics').issue([`${name}.${kube.namespace}.svc`]);
    const read = (file: string) => readFileSync(join(__dirname, file), 'utf8');
    const files = { 'main.cjs': read('queue-metrics.cjs'), 'broker-in-pod.cjs': read('broker-in-pod.cjs') };
    return [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        stringData: { ...files, 'tls.key': certificate.key, 'tls.crt': certificate.cert },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: pod(login) },
        },
      },
    ];
  }

  function pod({ secret, key }: { readonly secret: string; readonly key: string }): object {
    const env = { TLS_KEY: '/program/tls.key', TLS_CERT: '/program/tls.crt' };
    return {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [{ name: 'program', secret: { secretName: name } }],
      containers: [
        {
          name,
          image: `docker.io/bulkhead/chart-jobs:${tag}`,
          command: ['node', '/program/main.cjs'],
          env: [
            ...Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
            { name: 'MANAGEMENT_URL', valueFrom: { secretKeyRef: { name: secret, key } } },
          ],
          readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'program', mountPath: '/program', readOnly: true }],
        },
      ],
    };
  }
}

const apiServiceName = 'v1beta1.external.metrics.k8s.io';
const apiService = (namespace: string) => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: apiServiceName },
  spec: {
    group: 'external.metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { name, namespace, port: 443 },
  },
});

const customKind = (kind: string, plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.keda.sh` },
  spec: {
    group: 'keda.sh',
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** As KEDA makes it of QueueLength: so many waiting messages for one pod. */
const autoscaler = (
  scaledObject: string,
  { scaleTargetRef, minReplicaCount, maxReplicaCount }: ScaledObject['spec'],
  triggers: ScaledObject['spec']['triggers'],
) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: `keda-hpa-${scaledObject}` },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: scaleTargetRef.name },
    minReplicas: minReplicaCount,
    maxReplicas: maxReplicaCount,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    metrics: triggers.map(({ metadata }) => ({
      type: 'External',
      external: {
        metric: { name: metadata['queueName'] },
        target: { type: 'AverageValue', averageValue: metadata['value'] },
      },
    })),
  },
});

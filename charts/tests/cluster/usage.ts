import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from './kube';
import { readTopology } from './topology';

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly cpu?: { readonly time: string; readonly usageCoreNanoSeconds: number };
    readonly memory?: { readonly rssBytes: number; readonly workingSetBytes: number };
  }[];
}

export interface Usage {
  readonly memoryMiB: number;
  readonly cores: number;
  readonly perService: Readonly<Record<string, { readonly memoryMiB: number; readonly cores: number }>>;
}

const MiB = 1024 * 1024;

/** What the nine services and the storefront use, by the kubelets' own figures: memory without file cache, CPU over `seconds`. */
export async function measureUsage(kube: Kube, seconds: number): Promise<Usage> {
  const before = await readPods(kube);
  await sleep(seconds * 1_000);
  const after = await readPods(kube);
  const perService: Record<string, { memoryMiB: number; cores: number }> = {};
  for (const service of Object.keys(readTopology())) {
    const used = { memoryMiB: 0, cores: 0 };
    for (const { metadata } of await kube.pods(service)) {
      const [first, last] = [before.get(metadata.name), after.get(metadata.name)];
      if (!first?.cpu || !last?.cpu || !last.memory)
        throw new Error(`the kubelet has no figures of ${metadata.name}`);
      const between = (Date.parse(last.cpu.time) - Date.parse(first.cpu.time)) * 1e6;
      used.memoryMiB += last.memory.rssBytes / MiB;
      if (between > 0)
        used.cores += (last.cpu.usageCoreNanoSeconds - first.cpu.usageCoreNanoSeconds) / between;
    }
    perService[service] = used;
  }
  const sum = (of: 'memoryMiB' | 'cores') =>
    Object.values(perService).reduce((all, each) => all + each[of], 0);
  return { memoryMiB: sum('memoryMiB'), cores: sum('cores'), perService };
}

async function readPods(kube: Kube) {
  const { items } = await kube.get<{ items: { metadata: { name: string } }[] }>('nodes');
  const summaries = await Promise.all(
    items.map(async ({ metadata }) => {
      const text = await kube.kubectl(['get', '--raw', `/api/v1/nodes/${metadata.name}/proxy/stats/summary`]);
      return JSON.parse(text) as Summary;
    }),
  );
  return new Map(
    summaries
      .flatMap(({ pods }) => pods)
      .filter(({ podRef }) => podRef.namespace === kube.namespace)
      .map((pod) => [pod.podRef.name, pod]),
  );
}

import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const maxOutputBytes = 64 * 1024 * 1024;

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly state: { readonly waiting?: { readonly reason?: string } };
    }[];
  };
}

export type Namespace = ReturnType<typeof openNamespace>;

/** One namespace of the cluster that KUBECONFIG leads to. Its functions throw an Error with kubectl's words. */
export function openNamespace(namespace: string) {
  const kubectl = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run('kubectl', ['-n', namespace, ...words], { maxBuffer: maxOutputBytes });
    return stdout;
  };
  const get = async <T>(...words: readonly string[]) =>
    JSON.parse(await kubectl('get', ...words, '-o', 'json')) as T;
  /** Names of the pods of a service that are not on their way out. */
  const podsWhere = async (service: string, wanted: (status: Pod['status']) => boolean) => {
    const selector = `app.kubernetes.io/name=${service},app.kubernetes.io/component=service`;
    const { items } = await get<{ items: readonly Pod[] }>('pod', '-l', selector);
    return items
      .filter(({ metadata, status }) => !metadata.deletionTimestamp && wanted(status))
      .map(({ metadata }) => metadata.name);
  };
  return {
    kubectl,
    get,
    /** Names of the pods of a service that run. */
    pods: (service: string): Promise<readonly string[]> =>
      podsWhere(service, ({ phase }) => phase === 'Running'),
    /** Names of the pods of a service that have crashed so often that they are kept from starting for a while. */
    podsBackingOff: (service: string): Promise<readonly string[]> =>
      podsWhere(service, ({ containerStatuses = [] }) =>
        containerStatuses.some(({ state }) => state.waiting?.reason === 'CrashLoopBackOff'),
      ),
    /** Runs JavaScript in a pod of the shop. @returns what it gave back, through JSON */
    async inPod<T>(pod: string, expression: string): Promise<T> {
      const program = `Promise.resolve(${expression}).then((value) => console.log(JSON.stringify(value)))`;
      return JSON.parse(await kubectl('exec', pod, '--', 'node', '-e', program)) as T;
    },
    async secret(name: string, key: string): Promise<string> {
      const { data } = await get<{ data: Readonly<Record<string, string>> }>('secret', name);
      const value = data[key];
      if (value === undefined) throw new Error(`the Secret ${name} has no ${key}`);
      return Buffer.from(value, 'base64').toString('utf8');
    },
  };
}

/** Repeats `check` every half second until it is true. @throws Error with `otherwise` after so many seconds */
export async function until(
  check: () => Promise<boolean>,
  { seconds, otherwise }: { readonly seconds: number; readonly otherwise: string },
): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (!(await check().catch(() => false))) {
    if (performance.now() > end) throw new Error(otherwise);
    await sleep(500);
  }
}

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../helm';

export interface Pod extends KubeObject {
  readonly status: {
    readonly phase: string;
    readonly podIP: string;
    readonly containerStatuses: readonly { readonly restartCount: number }[];
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without holding up what else runs in the test. */
export function runProgram(command: string, args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** @throws Error with what the program wrote, unless it ended well */
async function mustRun(command: string, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, args, input);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout}`);
}

export type Kube = ReturnType<typeof createKube>;

/** One namespace of the cluster that KUBECONFIG leads to. */
export function createKube(namespace: string) {
  const kubectl = (args: readonly string[], input?: string) =>
    mustRun('kubectl', ['-n', namespace, ...args], input);
  const get = async <T = KubeObject>(...words: readonly string[]) =>
    JSON.parse(await kubectl(['get', ...words, '-o', 'json'])) as T;
  const list = async <T = KubeObject>(kind: string, selector: string) =>
    (await get<{ items: T[] }>(kind, '-l', selector)).items;
  return {
    namespace,
    kubectl,
    get,
    list,
    apply: (...objects: readonly object[]) =>
      kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })),
    /** Pods of an app that run and are not on their way out. */
    async pods(app: string) {
      const pods = await list<Pod>(
        'pod',
        `app.kubernetes.io/name=${app},app.kubernetes.io/component!=migration`,
      );
      return pods.filter(
        ({ metadata, status }) => !('deletionTimestamp' in metadata) && status.phase === 'Running',
      );
    },
    /** Runs JavaScript inside a pod of ours. @returns what it gave back, through JSON */
    async inPod<T>(pod: string, expression: string): Promise<T> {
      const program = `Promise.resolve(${expression}).then((value) => console.log(JSON.stringify(value)))`;
      return JSON.parse(await kubectl(['exec', pod, '--', 'node', '-e', program])) as T;
    },
    rolledOut: (name: string, seconds = 120) => kubectl(['rollout', 'status', name, `--timeout=${seconds}s`]),
    /** Makes the namespace anew, enforcing the restricted pod security standard. */
    async create() {
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait', '--timeout=120s']);
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
      await mustRun('kubectl', ['create', '-f', '-'], JSON.stringify(object));
    },
    delete: () => kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']),
    /** Forwards a free local port; `stop` ends it. */
    forward: (target: string, port: number) => forward(namespace, target, port),
    /** What a person sees of the namespace when something does not come up. */
    async describe() {
      const pods = await runProgram('kubectl', ['-n', namespace, 'get', 'pods', '-o', 'wide']);
      const events = await runProgram('kubectl', [
        '-n',
        namespace,
        'get',
        'events',
        '--sort-by=.lastTimestamp',
      ]);
      return `${pods.stdout}\n${events.stdout.split('\n').slice(-40).join('\n')}`;
    },
  };
}

async function forward(namespace: string, target: string, port: number) {
  const child = spawn('kubectl', ['-n', namespace, 'port-forward', target, `:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const local = await new Promise<number>((resolve, reject) => {
    let said = '';
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      const found = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', () => reject(new Error(`port-forward to ${target} ended: ${said}`)));
  });
  return { port: local, stop: () => void child.kill() };
}

/** Repeats `check` every half second until it does not throw. @throws its last error after `seconds` */
export async function within<T>(seconds: number, check: () => Promise<T>): Promise<T> {
  const until = performance.now() + seconds * 1_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(500);
    }
  }
}

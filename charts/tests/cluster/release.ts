import { runProgram } from './kube';

export interface ReleaseOptions {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  /** Values files before `values`, later ones win. */
  readonly files?: readonly string[];
  readonly values?: object;
  readonly timeoutSeconds?: number;
  /** Whether to wait until all pods are ready. Default true. */
  readonly wait?: boolean;
  /** Further words for Helm. */
  readonly flags?: readonly string[];
}

/** `helm install --wait`. @throws Error with Helm's words */
export const install = (options: ReleaseOptions) => helm('install', options);
/** `helm upgrade --wait`. @throws Error with Helm's words */
export const upgrade = (options: ReleaseOptions) => helm('upgrade', options);

async function helm(verb: 'install' | 'upgrade', options: ReleaseOptions): Promise<string> {
  const { name, namespace, chart, files = [], values = {}, timeoutSeconds = 300 } = options;
  const { wait = true, flags = [] } = options;
  const { code, stdout, stderr } = await runProgram(
    'helm',
    [
      verb,
      name,
      chart,
      ...['-n', namespace, ...(wait ? ['--wait'] : []), '--timeout', `${timeoutSeconds}s`, ...flags],
      ...files.flatMap((file) => ['-f', file]),
      ...['-f', '-'],
    ],
    JSON.stringify(values),
  );
  if (code !== 0) throw new Error(`helm ${verb} ${name}: ${withoutNoise(stderr)}`);
  return stdout;
}

/** `helm rollback --wait` to the revision before. @throws Error with Helm's words */
export async function rollback(name: string, namespace: string, timeoutSeconds: number): Promise<void> {
  const words = ['rollback', name, '-n', namespace, '--wait', '--timeout', `${timeoutSeconds}s`];
  const { code, stderr } = await runProgram('helm', words);
  if (code !== 0) throw new Error(`helm rollback ${name}: ${withoutNoise(stderr)}`);
}

export async function testRelease(name: string, namespace: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram('helm', [
    'test',
    name,
    '-n',
    namespace,
    '--logs',
    '--timeout',
    '180s',
  ]);
  if (code !== 0) throw new Error(`helm test ${name}: ${withoutNoise(stderr)}\n${stdout}`);
  return stdout;
}

export async function uninstall(name: string, namespace: string): Promise<void> {
  const { code, stderr } = await runProgram('helm', [
    'uninstall',
    name,
    '-n',
    namespace,
    '--wait',
    '--timeout',
    '120s',
  ]);
  if (code !== 0) throw new Error(`helm uninstall ${name}: ${withoutNoise(stderr)}`);
}

/** Helm remarks on every chart that is a link to its neighbour. */
const withoutNoise = (text: string) =>
  text
    .split('\n')
    .filter((line) => !line.includes('found symbolic link'))
    .join('\n');

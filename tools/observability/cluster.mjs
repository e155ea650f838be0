/** `kubectl` and `helm` in the cluster that KUBECONFIG leads to. */
import { spawn, spawnSync } from 'node:child_process';

/** @returns {string} what it wrote. @throws Error with what it said, unless it ended well */
export const run = (command, words, input) => {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    input: input === undefined ? undefined : typeof input === 'string' ? input : JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${words.join(' ')} ended with ${status}: ${error?.message ?? stderr}`);
};

/** `kubectl` in a namespace. */
export const kubectl =
  (namespace) =>
  (...words) =>
    run('kubectl', ['-n', namespace, ...words]);

/** Makes a namespace anew that enforces the restricted pod security standard. */
export const makeNamespace = (name) => {
  run('kubectl', ['delete', 'namespace', name, '--ignore-not-found', '--wait', '--timeout=120s']);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  run('kubectl', ['create', '-f', '-'], { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
};

/** Forwards a free port of this machine. @returns {Promise<{ url: string, stop: () => void }>} */
export const forward = async (namespace, target, port) => {
  const child = spawn('kubectl', ['-n', namespace, 'port-forward', target, `:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const local = await new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk;
        const found = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said);
        if (found) resolve(found[1]);
      });
    child.on('error', reject);
    child.on('close', () => reject(new Error(`port-forward to ${target} ended: ${said}`)));
  });
  return { url: `http://127.0.0.1:${local}`, stop: () => child.kill() };
};

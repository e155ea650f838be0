import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decode } from '@jridgewell/sourcemap-codec';

interface FunctionCoverage {
  readonly functionName: string;
  readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
}

/** The files of the workspace that a running bundle executes, by V8's call counts. */
export interface EnteredFiles {
  /** Paths from the workspace root of the files called since the previous call, sorted. */
  take(): Promise<string[]>;
  close(): void;
}

/**
 * Attaches to a process that was started with `--inspect=127.0.0.1:0`.
 * @param output its output so far: Node.js prints the address of its inspector there
 * @param bundle path of its bundle, with the source map beside it
 * @throws Error if no inspector listens
 */
export async function countEnteredFiles(output: string, bundle: string): Promise<EnteredFiles> {
  const address = /ws:\/\/127\.0\.0\.1:\S+/.exec(output)?.[0];
  if (address === undefined) throw new Error('the process has no inspector: start it with --inspect');
  const call = await connectInspector(address);
  const sourceAt = sourcesOf(bundle);
  await call('Profiler.enable');
  await call('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const take = async () => {
    const { result } = (await call('Profiler.takePreciseCoverage')) as {
      result: readonly { readonly url: string; readonly functions: readonly FunctionCoverage[] }[];
    };
    const called = result
      .filter(({ url }) => url.endsWith(path.basename(bundle)) && !url.startsWith('node:'))
      .flatMap(({ functions }) => functions)
      // The name is empty for the whole file, which ran when it was loaded.
      .filter(({ functionName, ranges }) => functionName !== '' && ranges[0]!.count > 0)
      .map(({ ranges }) => sourceAt(ranges[0]!.startOffset));
    return [...new Set(called)].filter((file) => file !== undefined).sort();
  };
  await take();
  return { take, close: () => call.close() };
}

async function connectInspector(address: string) {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(`the inspector at ${address} does not respond`)));
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let calls = 0;
  const call = (method: string, params: object = {}) =>
    new Promise<unknown>((resolve) => {
      const id = (calls += 1);
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return Object.assign(call, { close: () => socket.close() });
}

/** @returns a function that maps an offset of the bundle to a file of the workspace; undefined for a package's */
function sourcesOf(bundle: string): (offset: number) => string | undefined {
  const text = readFileSync(bundle, 'utf8');
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const map = JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as { sources: string[]; mappings: string };
  const lines = decode(map.mappings);
  const root = path.resolve('.');
  const files = map.sources.map((source) =>
    path.relative(root, path.resolve(path.dirname(bundle), source)).replaceAll(path.sep, '/'),
  );
  return (offset) => {
    const line = lineStarts.findLastIndex((start) => start <= offset);
    const column = offset - lineStarts[line]!;
    const segment = lines[line]?.findLast(([at]) => at <= column);
    const file = segment?.[1] === undefined ? undefined : files[segment[1]];
    return file?.includes('node_modules/') ? undefined : file;
  };
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { preProcessFile } from 'typescript';

export const root = path.join(__dirname, '../..');

/** What a file imports, types too: what it is read with. Paths are relative to the root of the workspace. */
export interface Imports {
  /** Files of the workspace. */
  readonly files: readonly string[];
  /** Names of packages of npm. */
  readonly packages: readonly string[];
  /** Modules of Node.js, without `node:`. */
  readonly builtins: readonly string[];
}

const { compilerOptions } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8')) as {
  compilerOptions: { paths: Record<string, string[]> };
};
const aliases = Object.entries(compilerOptions.paths).map(
  ([alias, [target = '']]) => [alias.replace('*', ''), target.replace('*', '')] as const,
);

/** @param pattern of `git ls-files`, such as `libs/*.ts` @returns what each file imports, by its path */
export function readImports(...patterns: string[]): ReadonlyMap<string, Imports> {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => file !== '' && existsSync(path.join(root, file)));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): Imports {
  const { importedFiles } = preProcessFile(readFileSync(path.join(root, file), 'utf8'), true, true);
  const files = new Set<string>();
  const packages = new Set<string>();
  const builtins = new Set<string>();
  for (const { fileName: name } of importedFiles) {
    const alias = aliases.find(([prefix]) => name.startsWith(prefix));
    if (alias) files.add(resolve(path.join(alias[1], name.slice(alias[0].length))));
    else if (name.startsWith('.')) files.add(resolve(path.join(path.dirname(file), name)));
    else if (isBuiltin(name)) builtins.add(name.replace('node:', ''));
    else packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)![0]);
  }
  return { files: [...files], packages: [...packages], builtins: [...builtins] };
}

const resolve = (target: string): string =>
  ['', '.ts', '.tsx', '/index.ts'].map((ending) => target + ending).find(isFile) ?? target;

const isFile = (file: string): boolean => /\.\w+$/.test(file) && existsSync(path.join(root, file));

/** The folder that is a project: `apps/order`, `libs/service`, `tools`. */
export const projectOf = (file: string): string => /^(?:(?:apps|libs)\/)?[^/]+/.exec(file)![0];

/** Tests, and what only tests import. */
export const isForTests = (file: string): boolean =>
  /\.test\.tsx?$|\/(testing|conformance)\/|^libs\/(testing|development)\//.test(file);

/**
 * @param graph by each node, those it leads to
 * @returns one cycle of each group of nodes that reach one another, the first node repeated at its end
 */
export function cyclesOf(graph: ReadonlyMap<string, Iterable<string>>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): void => {
    const at = trail.indexOf(node);
    if (at !== -1) return void cycles.push([...trail.slice(at), node]);
    if (finished.has(node)) return;
    trail.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    trail.pop();
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return cycles;
}

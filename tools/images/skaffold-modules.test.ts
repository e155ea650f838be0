import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const { mergeModules } = jest.requireActual<{
  mergeModules: (text: string, modules: readonly string[], profiles?: readonly string[]) => string;
}>('./skaffold-modules.ts');

interface Merged {
  readonly build: { readonly artifacts: readonly { readonly image: string }[] };
  readonly deploy: { readonly helm: { readonly releases: readonly { readonly name: string }[] } };
  readonly portForward: readonly { readonly resourceName: string }[];
  readonly profiles: readonly {
    readonly name: string;
    readonly patches: readonly { readonly path: string }[];
  }[];
}

const text = readFileSync(path.join(__dirname, '../../skaffold.yaml'), 'utf8');
const merge = (...args: [modules?: string[], profiles?: string[]]) =>
  parse(mergeModules(text, args[0] ?? [], args[1])) as Merged;
const releasesOf = ({ deploy }: Merged) => deploy.helm.releases.map(({ name }) => name);
/** Names of the releases that a profile patches. */
const patchedBy = (merged: Merged, profile: string): string[] => [
  ...new Set(
    merged.profiles
      .find(({ name }) => name === profile)
      ?.patches.map(({ path }) => releasesOf(merged)[Number(/releases\/(\d+)\//.exec(path)?.[1])] ?? path),
  ),
];

it('all modules are one, with every artifact and release of skaffold.yaml', () => {
  const modules = parseAllDocuments(text).map((document) => document.toJS() as Partial<Merged>);
  const merged = merge();
  expect(merged.deploy.helm.releases).toEqual(modules.flatMap(({ deploy }) => deploy?.helm.releases ?? []));
  expect(merged.build.artifacts).toEqual(modules.flatMap(({ build }) => build?.artifacts ?? []));
  expect(merged.portForward.map(({ resourceName }) => resourceName)).toEqual(['gateway']);
});

it('a module brings what it requires, and nothing else', () => {
  expect(releasesOf(merge(['order']))).toEqual(['infra', 'order']);
  expect(releasesOf(merge(['shop']))).toEqual(releasesOf(merge()));
});

it('a profile patches the releases of its modules', () => {
  const merged = merge(['order', 'gateway'], ['kind']);
  expect(merged.profiles.map(({ name }) => name).sort()).toEqual(['kind', 'reload']);
  expect(patchedBy(merged, 'kind')).toEqual(['gateway']);
  expect(patchedBy(merged, 'reload').sort()).toEqual(['gateway', 'order']);
  expect(patchedBy(merge(), 'reload')).toEqual(releasesOf(merge()).filter((name) => name !== 'infra'));
});

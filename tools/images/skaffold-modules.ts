import { parseAllDocuments, stringify } from 'yaml';

interface Profile {
  readonly name: string;
  readonly activation?: readonly object[];
  readonly patches?:
    readonly { readonly op: string; readonly path: string; readonly value?: unknown }[] | undefined;
}

/** What skaffold.yaml has of Skaffold's schema. */
interface Module {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly requires?: readonly { readonly configs: readonly string[] }[];
  readonly build: { readonly tagPolicy: object; readonly artifacts?: readonly object[] };
  readonly deploy?: { readonly helm: { readonly releases: readonly object[] } };
  readonly portForward?: readonly object[];
  readonly profiles?: readonly Profile[];
}

/**
 * Skaffold modules as a single one, for `skaffold dev`. Skaffold has a deployer for each module, and each of them copies
 * every edited file into its pods, whichever module these belong to: with ten modules, one edit was copied ten times, one
 * after the other (pkg/skaffold/deploy/deploy_mux.go and pkg/skaffold/sync of Skaffold 2.24).
 * @param text skaffold.yaml, where each module has at most one release
 * @param modules names of modules, which bring those that they require; empty for all
 * @param profiles names of the profiles to keep, besides those that are activated by a command
 * @returns a configuration with all artifacts and releases
 */
export function mergeModules(
  text: string,
  modules: readonly string[],
  profiles: readonly string[] = [],
): string {
  const all = parseAllDocuments(text).map((document) => document.toJS() as Module);
  const wanted = withRequired(all, modules);
  const chosen = all.filter(({ metadata }) => modules.length === 0 || wanted.has(metadata.name));
  const releases = chosen.flatMap(({ deploy }) => deploy?.helm.releases ?? []);
  const kept = chosen.flatMap((module) =>
    (module.profiles ?? [])
      .filter(({ name, activation, patches }) => patches && (activation ?? profiles.includes(name)))
      .map((profile) => movePatches(profile, releases.indexOf(module.deploy?.helm.releases[0] ?? {}))),
  );
  const { apiVersion, kind, build } = chosen[0]!;
  return stringify(
    {
      apiVersion,
      kind,
      metadata: { name: 'dev' },
      build: { ...build, artifacts: chosen.flatMap((module) => module.build.artifacts ?? []) },
      deploy: { helm: { releases } },
      portForward: chosen.flatMap(({ portForward }) => portForward ?? []),
      profiles: Object.values(Object.groupBy(kept, ({ name }) => name)).map((same) => ({
        ...same![0],
        patches: same!.flatMap(({ patches }) => patches ?? []),
      })),
    },
    { lineWidth: 0 },
  );
}

function withRequired(
  all: readonly Module[],
  names: readonly string[],
  found = new Set<string>(),
): Set<string> {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const required = all.find(({ metadata }) => metadata.name === name)?.requires ?? [];
    withRequired(
      all,
      required.flatMap(({ configs }) => configs),
      found,
    );
  }
  return found;
}

/** A module's release is its first one, and another one of all. */
const movePatches = (profile: Profile, index: number): Profile => ({
  ...profile,
  patches: profile.patches?.map((patch) => ({
    ...patch,
    path: patch.path.replace('/deploy/helm/releases/0/', `/deploy/helm/releases/${index}/`),
  })),
});

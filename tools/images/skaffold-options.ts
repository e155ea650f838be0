import { parseArgs } from 'node:util';

/** Profiles that serve the shop by a Gateway. They patch releases, and replace no part of a module. */
export const gatewayProfiles: readonly string[] = ['kind', 'minikube'];

/**
 * What `npm run skaffold` does itself about options that it passes on.
 * @param options as Skaffold takes them: `-m order,gateway`, `--module=order`, `-p kind`
 * @param images names of all apps that are images
 * @returns the profile that needs a Gateway; the apps to bundle: those of the modules, and the one of the charts' Jobs; all
 * for the module `shop` or where none is named; the options `others` than modules; whether another file than skaffold.yaml
 * is given
 */
export function readSkaffoldOptions(
  options: readonly string[],
  images: readonly string[],
): {
  profile: string | undefined;
  apps: string[];
  modules: string[];
  profiles: string[];
  others: string[];
  isOwnFile: boolean;
} {
  const { values, tokens } = parseArgs({
    args: [...options],
    strict: false,
    tokens: true,
    options: {
      module: { type: 'string', short: 'm', multiple: true },
      profile: { type: 'string', short: 'p', multiple: true },
      filename: { type: 'string', short: 'f' },
    },
  });
  const namesOf = (option: 'module' | 'profile'): string[] =>
    (values[option] ?? []).flatMap((names) => String(names).replace(/^=/, '').split(','));
  const modules = namesOf('module');
  const isWanted = (app: string): boolean => modules.includes(app) || app === 'chart-jobs';
  const profiles = namesOf('profile');
  const ofModules = tokens.flatMap((token) =>
    token.kind === 'option' && token.name === 'module'
      ? [token.index, ...(token.inlineValue ? [] : [token.index + 1])]
      : [],
  );
  return {
    modules,
    others: options.filter((_option, index) => !ofModules.includes(index)),
    isOwnFile: values.filename !== undefined,
    profiles,
    profile: profiles.find((name) => gatewayProfiles.includes(name)),
    apps: modules.length === 0 || modules.includes('shop') ? [...images] : images.filter(isWanted),
  };
}

import { parseArgs } from 'node:util';

/**
 * What `npm run skaffold` does itself about options that it passes on.
 * @param options as Skaffold takes them: `-m order,gateway`, `--module=order`, `-p kind`
 * @param images names of all apps that are images
 * @returns the profile that needs a Gateway, and the apps to bundle: those
 * of the modules, and the one of the charts' Jobs; all for the module `shop` or where none is named
 */
export function readSkaffoldOptions(
  options: readonly string[],
  images: readonly string[],
): { profile: string | undefined; apps: string[] } {
  const { values } = parseArgs({
    args: [...options],
    strict: false,
    options: {
      module: { type: 'string', short: 'm', multiple: true },
      profile: { type: 'string', short: 'p', multiple: true },
    },
  });
  const namesOf = (option: 'module' | 'profile'): string[] =>
    (values[option] ?? []).flatMap((names) => String(names).replace(/^=/, '').split(','));
  const modules = namesOf('module');
  const isWanted = (app: string): boolean => modules.includes(app) || app === 'chart-jobs';
  return {
    profile: namesOf('profile').find((name) => ['kind', 'minikube'].includes(name)),
    apps: modules.length === 0 || modules.includes('shop') ? [...images] : images.filter(isWanted),
  };
}

/**
 * `npm run images [-- SERVICE… --tag TAG --repository PREFIX --force --push]`: builds the bundles, then the images of
 * those that changed, with docker or buildah, whichever is there (CONTAINER_TOOL chooses). Prints every image's name.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, shopEnvironment } from '../bootstrap/install.mjs';
import { messageOf } from '../test/unavailable.ts';
import { containerTool } from './container-tool.ts';

/** Apps of a workspace that become an image: each that has a chart, and what the charts run beside them. */
export const imageNames = (workspace = root): string[] =>
  readdirSync(path.join(workspace, 'apps'))
    .filter((app) => app === 'chart-jobs' || existsSync(path.join(workspace, 'charts', app, 'Chart.yaml')))
    .sort();

/** The name under which the charts look for an app's image. */
export const imageName = (
  app: string,
  { repository = 'docker.io/bulkhead', tag }: { readonly repository?: string; readonly tag: string },
): string => `${repository}/${app}:${tag}`;

/** @returns a hash of everything that goes into an app's image, its base aside */
const contentOf = (app: string): string => {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'Dockerfile')));
  const folder = path.join(root, 'dist/apps', app);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const file of files.map(({ parentPath, name }) => path.join(parentPath, name)).sort())
    hash.update(path.relative(folder, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
};

const run = (command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): string => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    ...options,
  });
  if (status !== 0) {
    console.error(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim());
    throw new Error(`${command} ${args[0]} failed`);
  }
  return stdout ?? '';
};

const printed = (name: string, isUnchanged: boolean): void =>
  console.log(`${name}${isUnchanged ? ' (unchanged)' : ''}`);

interface ImageOptions {
  readonly apps?: readonly string[];
  readonly repository?: string;
  /** The version of package.json unless given. */
  readonly tag?: string;
  readonly force?: boolean;
  readonly push?: boolean;
  /** Is called with each image, and whether it was there already. */
  readonly report?: (name: string, isUnchanged: boolean) => void;
}

/**
 * @returns names of the images, in the order of `apps`
 */
export function buildImages({
  apps = imageNames(),
  repository,
  tag,
  force = false,
  push = false,
  report = printed,
}: ImageOptions): string[] {
  run('nx', ['run-many', '-t', 'build', `--projects=${apps.join(',')}`], { env: shopEnvironment() });
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const revision = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
  const tool = containerTool();
  return apps.map((app) => {
    const name = imageName(app, { ...(repository && { repository }), tag: tag ?? version });
    const content = contentOf(app);
    const isUnchanged = !force && tool.labelOf(name, 'bulkhead.content') === content;
    if (!isUnchanged)
      tool.build(name, {
        SERVICE: app,
        VERSION: version,
        REVISION: revision || 'unknown',
        CONTENT: content,
      });
    if (push) tool.push(name);
    report(name, isUnchanged);
    return name;
  });
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tag: { type: 'string' },
      repository: { type: 'string' },
      force: { type: 'boolean' },
      push: { type: 'boolean' },
      names: { type: 'boolean' },
    },
  });
  const known = imageNames();
  // For the workflow that releases them, which starts a job for each.
  if (values.names) {
    console.log(JSON.stringify(known));
    process.exit();
  }
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}; there are: ${known.join(', ')}.`);
    process.exit(2);
  }
  try {
    buildImages({ ...values, ...(positionals.length > 0 ? { apps: positionals } : {}) });
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}

/** Building images with docker or buildah: the few words that differ. */
import { spawnSync } from 'node:child_process';
import { root } from '../bootstrap/install.mjs';

const works = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const call = (command: string, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
};

const buildArguments = (values: Record<string, string>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);

const ask = (command: string, args: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

export interface ContainerTool {
  readonly name: 'docker' | 'buildah';
  /** Builds the Dockerfile of the workspace with these build arguments. */
  readonly build: (name: string, values: Record<string, string>) => void;
  /** Builds the Dockerfile of a folder. */
  readonly derive: (name: string, folder: string) => void;
  readonly push: (name: string) => void;
  /** Undefined where there is no such image. */
  readonly labelOf: (name: string, label: string) => string | undefined;
  readonly userOf: (name: string) => string | undefined;
  /** In bytes. */
  readonly sizeOf: (name: string) => number;
}

const docker: ContainerTool = {
  name: 'docker',
  build: (name, values) => call('docker', ['build', '-t', name, ...buildArguments(values), '.']),
  derive: (name, folder) => call('docker', ['build', '-t', name, folder]),
  push: (name) => call('docker', ['push', name]),
  labelOf: (name, label) =>
    ask('docker', ['image', 'inspect', name, '--format', `{{index .Config.Labels "${label}"}}`]),
  userOf: (name) => ask('docker', ['image', 'inspect', name, '--format', '{{.Config.User}}']),
  sizeOf: (name) => Number(ask('docker', ['image', 'inspect', name, '--format', '{{.Size}}'])),
};

const buildah: ContainerTool = {
  name: 'buildah',
  build: (name, values) =>
    call('buildah', ['build', '--layers', '--network', 'host', '-t', name, ...buildArguments(values), '.']),
  derive: (name, folder) => call('buildah', ['build', '-t', name, folder]),
  push: (name) => call('buildah', ['push', name]),
  labelOf: (name, label) =>
    ask('buildah', [
      'inspect',
      '--type',
      'image',
      '--format',
      `{{index .OCIv1.Config.Labels "${label}"}}`,
      name,
    ]),
  userOf: (name) =>
    ask('buildah', ['inspect', '--type', 'image', '--format', '{{.OCIv1.Config.User}}', name]),
  // Not from `buildah images`, which rounds sizes to megabytes in some versions and not in others.
  sizeOf: (name) => {
    const manifest = ask('buildah', ['inspect', '--type', 'image', '--format', '{{.Manifest}}', name]);
    if (!manifest) return Number.NaN;
    const { layers } = JSON.parse(manifest) as { layers: { size: number }[] };
    return layers.reduce((bytes, { size }) => bytes + size, 0);
  },
};

/**
 * The tool that CONTAINER_TOOL names, else docker if its daemon answers, else buildah.
 * @throws Error with a sentence where there is neither
 */
export function containerTool(wanted = process.env['CONTAINER_TOOL']): ContainerTool {
  if (wanted === 'docker') return docker;
  if (wanted === 'buildah') return buildah;
  if (wanted) throw new Error(`CONTAINER_TOOL is ${wanted}; it must be docker or buildah.`);
  if (works('docker', ['info'])) return docker;
  if (works('buildah', ['--version'])) return buildah;
  throw new Error('Neither docker (with its daemon running) nor buildah is here; images need one of them.');
}

import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const kept = '/var/cache/bulkhead';
const aptTimeoutMs = 180_000;

export interface ReleasePrograms {
  /** Code name of the Debian release, such as `trixie`. */
  readonly release: string;
  readonly packages: readonly string[];
  /** Paths in the release. */
  readonly programs: readonly string[];
}

/** The machine's Debian, such as `{ version: 12, codename: 'bookworm' }`; undefined on other systems. */
export const debianOfMachine = async (): Promise<{ version: number; codename: string } | undefined> => {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const valueOf = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  return valueOf('ID') === 'debian'
    ? { version: Number(valueOf('VERSION_ID')), codename: valueOf('VERSION_CODENAME') }
    : undefined;
};

/**
 * Programs of another Debian release, for root on Debian: fetched by apt from the machine's own package sources, and
 * kept in /var/cache/bulkhead. Nothing is installed, configured or replaced: each program sees the `/usr` of its
 * release before the machine's, in a mount namespace of its own.
 * @returns the folder with the programs by their base names, to be run as root
 * @throws Error when they are not available here
 */
export const programsOfRelease = async (wanted: ReleasePrograms): Promise<string> => {
  const folder = path.join(kept, `${wanted.release}-${wanted.packages.join('-')}`);
  const programs = path.join(folder, 'bin');
  if (await exists(programs)) return programs;
  const debian = await debianOfMachine();
  if (!debian || process.getuid?.() !== 0)
    throw new Error('only root on Debian has programs of its releases');
  await mkdir(kept, { recursive: true });
  const making = await mkdtemp(path.join(kept, 'making-'));
  try {
    await unpack(making, debian.codename, wanted);
    await writeStarters(path.join(making, 'bin'), wanted.programs);
    // Servers do not run as root.
    await chmod(making, 0o755);
    await rename(making, folder).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await exists(programs))) throw error;
    });
    return programs;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
};

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** Fetches the packages with all dependencies into a folder, with an apt isolated from the machine's state. */
const unpack = async (making: string, codename: string, { release, packages }: ReleasePrograms) => {
  const at = (name: string) => path.join(making, 'apt', name);
  await Promise.all(
    ['sources', 'state/lists/partial', 'cache/archives/partial'].map((name) =>
      mkdir(at(name), { recursive: true }),
    ),
  );
  await writeFile(at('status'), '');
  await writeFile(at('sources/release.list'), await sourcesOf(release, codename));
  const settings = {
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': at('sources'),
    'Dir::State': at('state'),
    'Dir::State::Status': at('status'),
    'Dir::Cache': at('cache'),
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...words: string[]) =>
    run('apt-get', ['-qq', ...options, ...words], { timeout: aptTimeoutMs });
  await apt('update');
  await apt('install', '--yes', '--download-only', '--no-install-recommends', ...packages);
  for (const name of await readdir(at('cache/archives')))
    if (name.endsWith('.deb'))
      await run('dpkg-deb', ['--extract', at(`cache/archives/${name}`), path.join(making, 'release')]);
  await rm(path.join(making, 'apt'), { recursive: true });
};

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The machine's own sources, for another release. */
const sourcesOf = async (release: string, codename: string): Promise<string> => {
  const { stdout } = await run('apt-get', [
    'indextargets',
    '--no-release-info',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  const own = [...new Set(stdout.split('\n'))]
    .map((line) => line.split(' '))
    .filter(([, suite, component]) => suite === codename && component === 'main');
  if (own.length === 0) throw new Error(`apt has no source for ${codename}`);
  const signedBy = (await exists(keyring)) ? `[signed-by=${keyring}] ` : '';
  return own.map(([uri]) => `deb ${signedBy}${uri} ${release} main\n`).join('');
};

const writeStarters = async (folder: string, programs: readonly string[]) => {
  await mkdir(folder);
  for (const program of programs)
    await writeFile(
      path.join(folder, path.basename(program)),
      `#!/bin/sh
release=$(cd "$(dirname "$0")/../release" && pwd)
exec unshare --mount sh -ec 'mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr; exec ${program} "$@"' "$release" "$@"
`,
      { mode: 0o755 },
    );
};

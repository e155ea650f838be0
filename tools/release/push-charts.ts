/**
 * `node tools/release/push-charts.ts --packages FOLDER --to oci://REGISTRY/PREFIX [--plain-http]`: publishes packaged charts. One
 * that is published already with the same contents is left alone; with other contents nothing at all is published: who
 * installs a version gets the same chart always. The last line is a JSON list of `{ name, digest }` of every chart, also of
 * those that were there already, so that a run that ended half way can be repeated and its charts signed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../test/unavailable.ts';

const { values } = parseArgs({
  options: { packages: { type: 'string' }, to: { type: 'string' }, 'plain-http': { type: 'boolean' } },
});
const { packages, to } = values;
if (!packages || !to?.startsWith('oci://')) {
  console.error(
    'usage: node tools/release/push-charts.ts --packages FOLDER --to oci://REGISTRY/PREFIX [--plain-http]',
  );
  process.exit(2);
}
const transport = values['plain-http'] ? ['--plain-http'] : [];
interface Chart {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

interface Published {
  readonly digest: string;
  readonly isSame: boolean;
}

const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-push-'));

try {
  const charts = readdirSync(packages)
    .filter((file) => file.endsWith('.tgz'))
    .sort()
    .map((file) => ({ file: path.join(packages, file), ...nameAndVersion(file) }));
  if (charts.length === 0) throw new Error(`${packages} has no packaged charts.`);
  const published = new Map(charts.map((chart) => [chart, findPublished(chart)]));
  const changed = charts.filter((chart) => published.get(chart)?.isSame === false);
  if (changed.length > 0)
    throw new Error(
      `Nothing was pushed: ${changed.map(({ name, version }) => `${name} ${version}`).join(', ')} ${
        changed.length === 1 ? 'is' : 'are'
      } published with other contents. Raise their versions: npm run charts -- --raise patch ${changed.map(({ name }) => name).join(' ')}`,
    );
  console.log(
    JSON.stringify(
      charts.map((chart) => ({ name: chart.name, digest: published.get(chart)?.digest ?? push(chart) })),
    ),
  );
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function nameAndVersion(file: string): { name: string; version: string } {
  const [, name, version] = /^(.+?)-(\d+\.\d+\.\d+.*)\.tgz$/.exec(file) ?? [];
  if (!name || !version) throw new Error(`${file} is not named as a packaged chart.`);
  return { name, version };
}

/** @returns what is published under this chart's name and version */
function findPublished({ name, version, file }: Chart): Published | undefined {
  const into = mkdtempSync(path.join(folder, 'published-'));
  const { status, said } = helm(['pull', `${to}/${name}`, '--version', version, '-d', into]);
  if (status === 0)
    return {
      digest: digestIn(said),
      isSame: contentsOf(path.join(into, path.basename(file))) === contentsOf(file),
    };
  // In the registry's own words: a code of the OCI distribution specification, or a bare 404.
  if (/not found|404|manifest unknown|name unknown/i.test(said)) return undefined;
  throw new Error(`Whether ${name} ${version} is published cannot be told: ${said.trim()}`);
}

/** Every file with its bytes: two archives of the same files differ in their times. */
function contentsOf(archive: string): string {
  const into = mkdtempSync(path.join(folder, 'contents-'));
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', into], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${archive}: ${stderr}`);
  return readdirSync(into, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => `${path.relative(into, file)}\n${readFileSync(file, 'base64')}`)
    .join('\n');
}

/** @returns its digest */
function push({ name, version, file }: Chart): string {
  const { status, said } = helm(['push', file, to ?? '']);
  if (status !== 0) throw new Error(`${name} ${version} was not pushed: ${said.trim()}`);
  console.error(`pushed ${name} ${version}`);
  return digestIn(said);
}

function digestIn(said: string): string {
  const [, digest] = /Digest: (sha256:[0-9a-f]{64})/.exec(said) ?? [];
  if (!digest) throw new Error(`Helm named no digest: ${said.trim()}`);
  return digest;
}

function helm(words: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr, error } = spawnSync('helm', [...words, ...transport], { encoding: 'utf8' });
  if (error) throw new Error(`helm cannot be run: ${error.message}`);
  return { status, said: stdout + stderr };
}

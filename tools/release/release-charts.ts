/**
 * `node tools/release/release-charts.ts --images REGISTRY/PREFIX --digests FOLDER --out FOLDER`: packages every chart so that
 * it names our images by digest unless values name a tag, a digest or a repository. FOLDER holds a file an app with its image's digest.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import { messageOf } from '../test/unavailable.ts';
import { root } from '../bootstrap/install.mjs';

const option = { type: 'string' } as const;
const { values } = parseArgs({ options: { images: option, digests: option, out: option } });
const { images, digests, out } = values;
if (!images || !digests || !out) {
  console.error(
    'usage: node tools/release/release-charts.ts --images REGISTRY/PREFIX --digests FOLDER --out FOLDER',
  );
  process.exit(2);
}

const digestOf = (app: string): string => {
  const digest = readFileSync(path.join(digests, app), 'utf8').trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${app}: ${digest} is no digest.`);
  return digest;
};
const [registry, ...rest] = images.split('/');
const repository = rest.join('/');
if (!repository) {
  console.error(`--images is a registry and what stands before an app's name there; ${images} is not.`);
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-release-'));
try {
  // Links become copies, so that the umbrella takes the services' values as they are changed here.
  cpSync(path.join(root, 'charts'), folder, { recursive: true, verbatimSymlinks: true });
  mkdirSync(out, { recursive: true });
  const charts = readdirSync(folder).filter((name) => !/\.|^tests$|^service$/.test(name));
  for (const chart of charts) {
    const file = path.join(folder, chart, 'values.yaml');
    const document = parseDocument(readFileSync(file, 'utf8'));
    // Each name stays changeable on its own: a mirror is another registry with the same digests.
    document.setIn(['global', 'image', 'registry'], registry);
    document.setIn(['global', 'image', 'repository'], repository);
    document.setIn(['global', 'jobsImage', 'releaseDigest'], digestOf('chart-jobs'));
    if (document.hasIn(['image', 'releaseDigest']))
      document.setIn(['image', 'releaseDigest'], digestOf(chart));
    writeFileSync(file, document.toString({ lineWidth: 0 }));
  }
  for (const chart of [...charts, 'service']) {
    const { status, stderr } = spawnSync('helm', ['package', path.join(folder, chart), '-d', out], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    console.log(chart);
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

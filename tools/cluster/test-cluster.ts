/**
 * `npm run test:cluster [-- arguments of jest]`: installs the shop in the cluster that KUBECONFIG leads to and checks what
 * only a cluster can show. Builds and loads images first; needs helm and kubectl on the PATH. The last line is
 * `N passed, N failed`. Made for kind as docs/kubernetes.md sets it up; environment variables say what is different:
 *
 *   SHOP_URL          where the cluster's gateway answers (http://localhost:8080)
 *   IMAGE_LOAD        a command that takes names of images and brings them into the cluster (kind load docker-image)
 *   CLUSTER_VALUES    values that this cluster needs: gateway class, images and storage of infra
 *   CLUSTER_ENTER     a command in which the tests run, where only that reaches SHOP_URL (such as nsenter --net=…)
 *   CLUSTER_TOKEN_ISSUER  who issues tokens in the cluster, where that is to be looked at
 *
 * It makes, and removes, the namespaces bulkhead-test, bulkhead-test-stranger, bulkhead-outside, bulkhead-servers,
 * bulkhead-next-release, bulkhead-production, bulkhead-queue and bulkhead-vendors, and what Kubernetes knows of KEDA's kinds
 * and of external metrics: not for a cluster that has KEDA.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkOut, findBase, remove } from './base-release.ts';
import { buildMigrationImages } from './migration-images.ts';
import { countFailure, loadImages, requireCluster, runCommand, testInCluster } from './test-run.ts';
import { containerTool } from '../images/container-tool.ts';
import { buildImages, imageName, imageNames } from '../images/images.ts';
import { findChromium } from '../test/debian-program.ts';
import { orUnavailable } from '../test/unavailable.ts';
import { ensureInstalled, root } from '../bootstrap/install.mjs';

const tags = { head: 'cluster-head', base: 'cluster-base' };

async function main(): Promise<void> {
  requireCluster();
  ensureInstalled();
  // Looked for here: where the tests run, nothing can be installed.
  process.env['CHROMIUM'] = orUnavailable(findChromium);
  const base = findBase();
  console.log(`Building images of this tree and of ${base.name} …`);
  const names = buildImages({ tag: tags.head });
  const images = imageFacts(tags.head);
  const migration = buildMigrationImages(tags.head);
  const folder = checkOut(base.commit);
  try {
    names.push(
      ...buildBase(folder),
      imageName('order', { tag: migration.failing }),
      imageName('order', { tag: migration.mended }),
    );
    loadImages(names);
    await testInCluster('charts/jest.cluster.config.cjs', {
      CLUSTER_TAG: tags.head,
      CLUSTER_IMAGES: JSON.stringify(images),
      CLUSTER_BASE_CHARTS: path.join(folder, 'charts'),
      CLUSTER_BASE_TAG: tags.base,
      CLUSTER_BASE_NAME: base.name,
      CLUSTER_FAILING_TAG: migration.failing,
      CLUSTER_MENDED_TAG: migration.mended,
    });
  } finally {
    remove(folder);
  }
}

/** What the tests judge of an image, which they cannot see from inside the cluster. */
interface ImageFacts {
  readonly name: string;
  readonly isUnchanged: boolean;
  readonly user: string | undefined;
  readonly version: string | undefined;
  readonly revision: string | undefined;
  readonly overBaseBytes: number;
}

function imageFacts(tag: string): ImageFacts[] {
  const tool = containerTool();
  const baseBytes = tool.sizeOf(nodeImage());
  const facts: ImageFacts[] = [];
  buildImages({
    tag,
    report: (name, isUnchanged) =>
      facts.push({
        name,
        isUnchanged,
        user: tool.userOf(name),
        version: tool.labelOf(name, 'org.opencontainers.image.version'),
        revision: tool.labelOf(name, 'org.opencontainers.image.revision'),
        overBaseBytes: tool.sizeOf(name) - baseBytes,
      }),
  });
  return facts;
}

function nodeImage(): string {
  const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
  const name = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1];
  if (name === undefined) throw new Error('The Dockerfile has no ARG NODE_IMAGE.');
  return name;
}

/** The base is built by its own scripts, which install its packages where they are others. */
function buildBase(folder: string): string[] {
  runCommand('npm', ['run', 'images', '--', '--tag', tags.base], folder);
  return imageNames(folder).map((app) => imageName(app, { tag: tags.base }));
}

await countFailure(main);

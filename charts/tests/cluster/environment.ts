import { join } from 'node:path';

export interface ImageFacts {
  readonly name: string;
  readonly isUnchanged: boolean;
  readonly user: string;
  readonly version: string;
  readonly revision: string;
  readonly overBaseBytes: number;
}

/** What the tests of the cluster are told from outside; tools/cluster/test-cluster.ts sets what it makes itself. */
export interface ClusterEnvironment {
  /** Where the cluster's gateway answers. */
  readonly shopUrl: string;
  /** A values file that says what this cluster needs: gateway class, images, storage. */
  readonly valuesFile: string;
  /** The images of this tree as the tool that built them tells, after it was asked to build them a second time. */
  readonly images: readonly ImageFacts[];
  /** Tag of the images of this tree. */
  readonly tag: string;
  /** Charts and image tag of the release before this one. */
  readonly base: { readonly charts: string; readonly tag: string; readonly name: string };
  /** Who issues tokens in this cluster, where the tests are to insist that it is not who does by default. */
  readonly tokenIssuer: string | undefined;
  /** Whether an earlier run left the shop installed, as when single tests are worked on. */
  readonly isInstalled: boolean;
  /** Tags of the order image with one more migration: one that fails, and the one that mends it. */
  readonly migration: { readonly failing: string; readonly mended: string };
}

const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run the tests with npm run test:cluster.`);
  return value;
};

export const readEnvironment = (): ClusterEnvironment => ({
  shopUrl: required('SHOP_URL'),
  valuesFile: required('CLUSTER_VALUES'),
  images: JSON.parse(required('CLUSTER_IMAGES')) as ImageFacts[],
  tag: required('CLUSTER_TAG'),
  base: {
    charts: required('CLUSTER_BASE_CHARTS'),
    tag: required('CLUSTER_BASE_TAG'),
    name: required('CLUSTER_BASE_NAME'),
  },
  tokenIssuer: process.env['CLUSTER_TOKEN_ISSUER'],
  isInstalled: process.env['CLUSTER_INSTALLED'] === 'true',
  migration: {
    failing: required('CLUSTER_FAILING_TAG'),
    mended: required('CLUSTER_MENDED_TAG'),
  },
});

export const charts = join(__dirname, '../..');

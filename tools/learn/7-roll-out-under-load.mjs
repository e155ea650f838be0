/** Step 7: pods were replaced while a load ran, none of whose requests failed. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';
import { stopUnavailable } from '../test/unavailable.ts';
import { Missing } from './missing.mjs';

export const isInCluster = true;

const namespace = 'shop';
const loadReport = 'reports/learn-rollout.json';
const leastReplaced = 2;

export const check = async (_shop, found) => {
  const { at, seconds, operations } = readLoad();
  const failed = Object.entries(operations).filter(([, { failed }]) => failed > 0);
  const served = Object.values(operations).reduce((sum, { ok }) => sum + ok, 0);
  if (served === 0) throw new Missing(`The load of ${loadReport} was served nothing.`);
  if (failed.length > 0)
    throw new Missing(
      `Requests failed: ${failed.map(([name, { failed }]) => `${failed} of ${name}`).join(', ')}. Was the gateway replaced, to which your port-forward leads?`,
    );
  found(`${served} requests were served in ${seconds} s, and none failed.`);

  const deployments = kubectl('deployments');
  const owners = kubectl('replicasets').map(({ metadata, spec }) => ({
    deployment: metadata.ownerReferences?.[0]?.name,
    madeAt: Date.parse(metadata.creationTimestamp),
    revision: Number(metadata.annotations?.['deployment.kubernetes.io/revision']),
    replicas: spec.replicas,
  }));
  const replaced = owners.filter(
    ({ revision, replicas, madeAt }) =>
      revision > 1 && replicas > 0 && madeAt < at && madeAt > at - seconds * 1_000,
  );
  if (replaced.length < leastReplaced)
    throw new Missing(
      `While that load ran, ${replaced.length} deployments of the namespace ${namespace} were rolled out. Do it while it runs.`,
    );
  found(`Rolled out meanwhile: ${replaced.map(({ deployment }) => deployment).join(', ')}.`);

  const unfinished = deployments.filter(
    ({ spec, status }) =>
      (status.updatedReplicas ?? 0) < spec.replicas || (status.availableReplicas ?? 0) < spec.replicas,
  );
  if (unfinished.length > 0)
    throw new Missing(`Not yet rolled out: ${unfinished.map(({ metadata }) => metadata.name).join(', ')}.`);
  found('All pods are of the new revision, and available.');
};

const readLoad = () => {
  const file = path.join(root, loadReport);
  try {
    return { at: statSync(file).mtimeMs, ...JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new Missing(`There is no ${loadReport}: run the load as the page says, and roll out meanwhile.`);
    throw error;
  }
};

const kubectl = (kind) => {
  const { status, stdout, stderr, error } = spawnSync(
    'kubectl',
    ['get', kind, '-n', namespace, '-o', 'json', '--request-timeout=10s'],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (error) stopUnavailable('kubectl is not on the PATH.');
  if (status !== 0) stopUnavailable(`kubectl reaches no cluster: ${stderr.trim().split('\n').at(-1)}`);
  const { items } = JSON.parse(stdout);
  if (items.length === 0)
    throw new Missing(`The namespace ${namespace} has no ${kind}: install the shop there.`);
  return items;
};

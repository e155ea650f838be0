/**
 * `node tools/charts/schemas.mjs`: writes the JSON schemas of the kinds that the charts use, as kubeconform reads them,
 * from the API server that KUBECONFIG names. They are kept in charts/tests/schemas, so that checks need no network.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

const kinds = {
  v1: ['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'Pod', 'Service', 'ServiceAccount'],
  'apps/v1': ['Deployment', 'StatefulSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['CronJob', 'Job'],
  'gateway.networking.k8s.io/v1': ['Gateway', 'GatewayClass', 'HTTPRoute'],
  'keda.sh/v1alpha1': ['ScaledObject', 'TriggerAuthentication'],
  'monitoring.coreos.com/v1': ['PrometheusRule', 'ServiceMonitor'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
};

const { status, stdout, stderr } = spawnSync('kubectl', ['get', '--raw', '/openapi/v2'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
const { definitions } = JSON.parse(stdout);

/** Without prose, and closed: a key that Kubernetes does not know is an error. */
const strict = (schema) => {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string')
    return { type: ['integer', 'string'] };
  const kept = Object.entries(schema).filter(
    ([key]) => !key.startsWith('x-kubernetes') && !['description', 'default', 'format'].includes(key),
  );
  const result = Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'properties'
        ? Object.fromEntries(Object.entries(value).map(([name, property]) => [name, strict(property)]))
        : strict(value),
    ]),
  );
  if (
    result.properties &&
    result.additionalProperties === undefined &&
    !schema['x-kubernetes-preserve-unknown-fields']
  )
    result.additionalProperties = false;
  return result;
};

const special = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
};

const referencesOf = (schema) =>
  [...JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name);

const withDefinitions = (name) => {
  const found = {};
  const visit = (each) => {
    if (found[each]) return;
    found[each] = special[each] ?? strict(definitions[each]);
    referencesOf(found[each]).forEach(visit);
  };
  visit(name);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $ref: `#/definitions/${name}`,
    definitions: found,
  };
};

const folder = path.join(root, 'charts/tests/schemas');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [apiVersion, names] of Object.entries(kinds)) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  for (const kind of names) {
    const entry = Object.entries(definitions).find(([, { 'x-kubernetes-group-version-kind': gvk = [] }]) =>
      gvk.some((each) => each.group === group && each.version === version && each.kind === kind),
    );
    if (!entry) throw new Error(`the cluster does not know ${apiVersion} ${kind}`);
    const file = [kind.toLowerCase(), group.split('.')[0], version].filter(Boolean).join('-');
    writeFileSync(path.join(folder, `${file}.json`), `${JSON.stringify(withDefinitions(entry[0]))}\n`);
    console.log(file);
  }
}

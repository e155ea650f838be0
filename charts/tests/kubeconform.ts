import { join } from 'node:path';
import { repository, run } from './helm';

/**
 * Judges objects by the schemas in charts/tests/schemas, in which unknown keys are errors.
 * @returns a line for each object that is not as Kubernetes wants it, or of a kind without a schema
 */
export function objectionsTo(yaml: string): string[] {
  const location = join(repository, 'charts/tests/schemas/{{.ResourceKind}}{{.KindSuffix}}.json');
  const { stdout, stderr } = run(
    'kubeconform',
    ['-strict', '-output', 'json', '-schema-location', location, '-'],
    yaml,
  );
  if (!stdout) throw new Error(stderr);
  const { resources = [] } = JSON.parse(stdout) as {
    resources?: { kind: string; name: string; status: string; msg: string }[];
  };
  return resources.map(({ kind, name, status, msg }) => `${kind} ${name}: ${status} ${msg}`);
}

import { documentedProduction } from '../documented';
import { type KubeObject, render } from '../helm';
import { createKube } from './kube';

const kube = createKube('bulkhead-applied');

beforeAll(() => kube.create());
afterAll(() => kube.delete());

/** Fields of what was rendered that are another in what the API server would keep. */
function differences(rendered: unknown, kept: unknown, at: string): string[] {
  if (isEmpty(rendered)) return [];
  if (Array.isArray(rendered)) {
    if (!Array.isArray(kept) || kept.length !== rendered.length)
      return [`${at}: ${JSON.stringify(rendered)} is kept as ${JSON.stringify(kept)}`];
    return rendered.flatMap((each, index) => differences(each, kept[index], `${at}[${index}]`));
  }
  if (typeof rendered === 'object')
    return Object.entries(rendered as object).flatMap(([key, value]) =>
      differences(value, (kept as Record<string, unknown> | undefined)?.[key], `${at}.${key}`),
    );
  return rendered === kept ? [] : [`${at}: ${JSON.stringify(rendered)} is kept as ${JSON.stringify(kept)}`];
}

/** Fields that say nothing are not kept, and nobody misses them. */
const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  (typeof value === 'object' && Object.keys(value).length === 0 && !Array.isArray(value)) ||
  (Array.isArray(value) && value.length === 0);

/** What Argo CD, Flux or `kubectl diff` compare: where both differ an application is never in sync. */
describe('what is rendered is what the API server keeps, field by field', () => {
  const options = { release: 'shop', namespace: kube.namespace };

  it.each<[string, () => KubeObject[]]>([
    ['with the defaults', () => render('bulkhead', {}, options)],
    ['in an upgrade', () => render('bulkhead', {}, { ...options, upgrade: true })],
    [
      'in production as docs/kubernetes.md shows it',
      () => render('bulkhead', documentedProduction(), { ...options, files: ['values-production.yaml'] }),
    ],
  ])('%s', async (_how, objectsOf) => {
    const objects = objectsOf();
    expect(objects.length).toBeGreaterThan(50);
    // A Secret's clear text is kept encoded, and the pods of `helm test` are nobody's to keep.
    const compared = objects.filter(({ kind }) => kind !== 'Secret' && kind !== 'Pod');
    const applied = JSON.parse(
      await kube.kubectl(
        ['apply', '--server-side', '--dry-run=server', '-o', 'json', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: compared }),
      ),
    ) as { items: KubeObject[] };
    const key = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
    const kept = new Map(applied.items.map((object) => [key(object), object]));
    expect(compared.flatMap((object) => differences(object, kept.get(key(object)), key(object)))).toEqual([]);
  });
});

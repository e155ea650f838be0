import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { alerts } from '../alerts/src/all';
import { generatedFiles } from '../generated-files';
import { dashboards } from './src/all';

const root = path.join(__dirname, '../..');

interface Shown {
  readonly title?: string;
  readonly description?: string;
  readonly type: string;
  readonly links?: readonly { readonly url?: string }[];
  readonly gridPos?: { readonly x: number; readonly w: number };
}
const panelsOf = (each: (typeof dashboards)[number]) =>
  (each.panels as unknown as Shown[]).filter(({ type }) => type !== 'row');

describe('dashboards', () => {
  it('and rules are what their TypeScript makes, in k8s and in the chart', () => {
    for (const [file, text] of generatedFiles())
      expect(readFileSync(path.join(root, file), 'utf8')).toBe(text);
    const known = new Set(generatedFiles().keys());
    for (const folder of [
      'k8s/dashboards',
      'k8s/alerts',
      'charts/bulkhead/files/dashboards',
      'charts/bulkhead/files/alerts',
    ])
      for (const file of readdirSync(path.join(root, folder)).filter((each) =>
        /^(?!kustomization).*\.(json|yaml)$/.test(each),
      ))
        expect(known).toContain(`${folder}/${file}`);
  });

  it.each(dashboards.map((each) => [each.title ?? '', each] as const))(
    '%s explains every panel, fits the page and has the common variables',
    (_title, each) => {
      const panels = panelsOf(each);
      expect(panels.length).toBeGreaterThan(8);
      expect(new Set(panels.map(({ title }) => title)).size).toBeGreaterThan(panels.length / 6);
      for (const { title, description, gridPos } of panels) {
        expect(title).toBeTruthy();
        expect(description?.length).toBeGreaterThan(3);
        expect((gridPos?.x ?? 0) + (gridPos?.w ?? 0)).toBeLessThanOrEqual(24);
      }
      const variables = each.templating?.list?.map(({ name }) => name);
      expect(variables?.slice(0, 3)).toEqual(['datasource', 'namespace', 'runbooks']);
    },
  );

  it('lead to runbooks that are there, and alerts to dashboards that are', () => {
    const links = dashboards.flatMap(panelsOf).flatMap(({ links = [] }) => links.map(({ url }) => url ?? ''));
    expect(links.length).toBeGreaterThan(30);
    for (const url of links)
      expect(existsSync(path.join(root, url.replace('${runbooks}', 'docs/runbooks')))).toBe(true);
    const uids = dashboards.map(({ uid }) => uid);
    for (const { dashboard } of alerts) expect(uids).toContain(`bulkhead-${dashboard}`);
  });
});

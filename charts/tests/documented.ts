import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repository } from './helm';
import { withDatabase } from './scenarios';

/** The YAML that a heading of a page in docs/ shows, in order. */
export const shown = (heading: string, page = 'kubernetes.md'): any[] => {
  const text = readFileSync(join(repository, 'docs', page), 'utf8');
  const [, section = ''] = text.split(new RegExp(`^##+ ${heading}$`, 'm'));
  return [...section.split(/^##+ /m)[0]!.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => parse(yaml!));
};

/** Values of the umbrella as the section on production shows them, with each service's own Secrets. */
export function documentedProduction(): any {
  const [example] = shown('Production');
  // "and so for every service but the gateway"
  const of = (name: string) =>
    JSON.parse(JSON.stringify(example.order).replaceAll('"order-', `"${name}-`)) as object;
  return {
    ...Object.fromEntries(withDatabase.map((name) => [name, of(name)])),
    ...example,
    payment: { ...of('payment'), ...example.payment },
    notification: { ...of('notification'), ...example.notification },
  };
}

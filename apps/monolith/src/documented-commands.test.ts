import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { operatorCommands } from '@bulkhead/service/runtime/operator-commands';
import { definitions } from './definitions';

const docs = path.resolve('docs');
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const textOf = (page: string) => readFileSync(path.join(docs, page), 'utf8').replaceAll(/\s+/g, ' ');

/** What pages tell to run in a pod: of a service that is named, or of any (`RELEASE-NAME`). */
const told = pages.flatMap((page) =>
  [
    ...textOf(page).matchAll(/exec (?:-i )?deploy\/\w+-(\w+) -- (?:sh -c '[^']*)?node main\.js ([a-z-]+)/g),
  ].map(([, service = '', command = '']) => ({ page, service, command })),
);
const commandsOf = new Map(
  definitions.map((definition) => [definition.name as string, [...operatorCommands(definition).keys()]]),
);
const ofAny = [...new Set([...commandsOf.values()].flat())];

test('every documented command for a pod exists in that service', () => {
  expect(told.length).toBeGreaterThan(10);
  const wrong = told.filter(
    ({ service, command }) =>
      !(commandsOf.get(service) ?? (/^[A-Z]+$/.test(service) ? ofAny : [])).includes(command),
  );
  expect(wrong).toEqual([]);
});

test('every command of an image is documented', () => {
  const [, table = ''] = textOf('commands.md').split('## In the images');
  for (const command of ofAny) expect(table).toContain(`| \`${command}`);
});

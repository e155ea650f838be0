import type { Json } from '../openapi-components';
import { findBreakingApiChanges } from './openapi';
import { joined } from './schemas';

interface Described {
  readonly key: string;
  readonly value: Json;
}

/**
 * The differences between two OpenAPI documents for authors of clients: new operations, parameters and fields,
 * deprecated operations, and breaking changes. Changes of descriptions are ignored. @returns one line of Markdown each
 */
export function describeApiChanges(before: Json, after: Json): string[] {
  const was = operationsOf(before);
  const breaking = findBreakingApiChanges(before, after).map((change) => `**Breaking:** ${change}`);
  const changes = [...operationsOf(after)].flatMap(([id, now]) => {
    const old = was.get(id);
    if (!old) return [`New operation \`${id}\`: \`${now.key}\``];
    return [
      ...(old.key === now.key ? [] : [`\`${id}\` is at \`${now.key}\` now (\`${old.key}\` before)`]),
      ...(now.value['deprecated'] && !old.value['deprecated'] ? [`\`${id}\` is deprecated`] : []),
      ...added(namesOf(old.value['parameters']), namesOf(now.value['parameters'])).map(
        (name) => `New parameter \`${name}\` of \`${id}\``,
      ),
    ];
  });
  const schemas = (document: Json) => (document['components'] as { schemas: Record<string, Json> }).schemas;
  const fields = Object.entries(schemas(after)).flatMap(([name, schema]) => {
    const old = schemas(before)[name];
    if (!old) return [];
    const of = (part: Json, document: Json) => Object.keys(joined(part, document)['properties'] ?? {});
    return added(of(old, before), of(schema, after)).map((field) => `New field \`${field}\` of \`${name}\``);
  });
  return [...breaking, ...changes, ...fields];
}

const operationsOf = (document: Json): Map<string, Described> =>
  new Map(
    Object.entries(document['paths'] as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, value]): [string, Described] => [
        value['operationId'] as string,
        { key: `${method.toUpperCase()} ${path}`, value },
      ]),
    ),
  );

const namesOf = (parameters: unknown): string[] =>
  ((parameters ?? []) as { name: string; in: string }[]).map(({ name, in: place }) =>
    place === 'header' ? name.toLowerCase() : name,
  );

const added = (before: readonly string[], after: readonly string[]): string[] =>
  after.filter((name) => !before.includes(name));

const heading = '# Changes of the API\n';
const introduction =
  'Written by `npm run contracts` from the difference between the OpenAPI document before and after. Newest first.\n';

/**
 * Adds the changes of a day to the changelog. A change that was reverted on the same day is omitted.
 * @param day such as `2026-11-30`
 * @param wayBack the changes from the document after to the one before
 */
export function addToChangelog(
  changelog: string,
  day: string,
  changes: readonly string[],
  wayBack: readonly string[] = [],
): string {
  const entries = changelog.replace(heading, '').replace(introduction, '').trim();
  const title = `## ${day}`;
  const [first = '', ...rest] = entries.split(/\n(?=## )/);
  const isToday = first.startsWith(title);
  const known = isToday ? first.split('\n').filter((line) => line.startsWith('- ')) : [];
  const undone = wayBack.map((change) => `- ${change}`);
  const isTakenBack = undone.length > 0 && undone.every((line) => known.includes(line));
  const lines = isTakenBack
    ? known.filter((line) => !undone.includes(line))
    : [...new Set([...known, ...changes.map((change) => `- ${change}`)])];
  const older = (isToday ? rest : [first, ...rest]).map((entry) => entry.trim()).filter(Boolean);
  const today = lines.length > 0 ? [`${title}\n\n${lines.join('\n')}\n`] : [];
  return [heading, introduction, ...today, ...older.map((entry) => `${entry}\n`)].join('\n');
}

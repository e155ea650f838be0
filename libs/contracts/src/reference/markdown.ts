import type { Json } from '../openapi-components';

/** A cell of a Markdown table. */
export const cell = (text: unknown): string => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

export const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  rows.length === 0
    ? ''
    : [
        `| ${head.join(' | ')} |`,
        `| ${head.map(() => '---').join(' | ')} |`,
        ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
        '',
      ].join('\n');

/** Anchor of a heading of the same file, as GitHub generates it. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

/** The keywords of a JSON Schema (2020-12) with scalar values. */
interface PlainKeywords {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A short description of a type, with a link if it has a name. */
export function typeOf(schema: unknown): string {
  const { $ref, type, format, items, const: constant, ...rest } = (schema ?? {}) as Json & PlainKeywords;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1)!;
    return `[${name}](#${anchor(name)})`;
  }
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (Array.isArray(rest['enum']))
    return rest['enum'].map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  const choices = (rest['anyOf'] ?? rest['oneOf']) as unknown[] | undefined;
  if (choices) return choices.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${typeOf(items)}`;
  if (type === 'object' && rest['properties'])
    return `object of ${Object.entries(rest['properties'] as Json)
      .map(([name, field]) => `\`${name}\`: ${typeOf(field)}`)
      .join('; ')}`;
  if (format !== undefined) return `${String(type)} (${format})`;
  return type === undefined ? 'anything' : [type].flat().join(' or ');
}

/** Bounds of a value, as `1–50 entries`. */
export function boundsOf(schema: unknown): string {
  const {
    minimum,
    maximum,
    minItems,
    maxItems,
    minLength,
    maxLength,
    default: preset,
  } = (schema ?? {}) as Json & PlainKeywords;
  const range = (from: number | undefined, to: number | undefined, unit: string) =>
    from === undefined && to === undefined ? [] : [`${from ?? ''}–${to ?? ''}${unit}`];
  return [
    ...range(minimum, maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum, ''),
    ...range(minItems, maxItems, ' entries'),
    ...range(minLength, maxLength, ' characters'),
    ...(preset === undefined ? [] : [`default ${JSON.stringify(preset)}`]),
  ].join(', ');
}

const about = (schema: unknown): string =>
  [(schema as Json)['description'], boundsOf(schema)].filter(Boolean).join('; ');

/** The fields of an object as a table. */
export const fieldsOf = (schema: unknown): string => {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Json; required?: string[] };
  return table(
    ['field', 'type', 'needed', ''],
    Object.entries(properties).map(([name, field]) => [
      `\`${name}\``,
      typeOf(field),
      required.includes(name) ? 'yes' : 'no',
      about(field),
    ]),
  );
};

import Ajv from 'ajv/dist/2020';
import type { Json } from '../openapi-components';

/** A JSON Schema (2020-12) in the document that its references point into. */
export interface Located {
  readonly schema: unknown;
  readonly document: Json;
}

export interface Finding {
  /** Location in the value, such as `/items/0/price`. */
  readonly place: string;
  readonly detail: string;
}

export interface Options {
  /** The reader is the older side: a known field that is no longer written counts as lost. */
  readonly readerIsOld: boolean;
}

/**
 * Values of a writer that a reader cannot read: none if every value that is valid for `writer` is valid for `reader`.
 * Fields that a reader does not name only matter if it is closed. Two different patterns or formats are not compared:
 * the difference is a finding.
 *
 * Supports the keywords that our schemas use. An unknown constraining keyword is a finding as soon as it differs.
 */
export function findUnreadable(writer: Located, reader: Located, options: Options, place = ''): Finding[] {
  const from = accepted(resolve(writer));
  const to = accepted(resolve(reader));
  const at = (detail: string): Finding[] => [{ place: place || '/', detail }];
  const go = (schema: unknown, into: unknown, below: string) =>
    findUnreadable(
      { schema, document: writer.document },
      { schema: into, document: reader.document },
      options,
      below,
    );

  if (isEmpty(to)) return [];
  if (isEmpty(from)) return at('any value is written, but not any is read');
  const branches = alternatives(from);
  if (branches) return branches.flatMap((branch) => go(branch, to, place));
  const values = enumerated(from);
  if (values)
    return values
      .filter((value) => !accepts(reader.document, to, value))
      .flatMap((value) => at(`${JSON.stringify(value)} is not read`));
  const choices = alternatives(to);
  if (choices) return fewest(choices.map((choice) => go(from, choice, place)));
  if (enumerated(to)) return at(`only ${JSON.stringify(enumerated(to))} is read`);

  const types = missingTypes(from, to);
  if (types.length > 0) return at(`the type ${types.join(' or ')} is not read`);
  return [
    ...boundFindings(from, to).flatMap(at),
    ...sameFindings(from, to).flatMap(at),
    ...itemFindings(from, to, (schema, into) => go(schema, into, `${place}/*`)),
    ...propertyFindings(from, to, options).flatMap(({ name, detail }) => [
      { place: `${place}/${name}`, detail },
    ]),
    ...sharedProperties(from, to).flatMap(([name, schema, into]) => go(schema, into, `${place}/${name}`)),
  ];
}

function resolve({ schema, document }: Located): Json {
  let current = schema;
  for (let hops = 0; hops < 20; hops += 1) {
    const reference = (current as { $ref?: unknown } | undefined)?.$ref;
    if (typeof reference !== 'string')
      return current === true || current === undefined ? {} : joined(current as Json, document);
    current = reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>(
        (node, key) => (node as Json | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
        document,
      );
    if (current === undefined) throw new Error(`${reference} points nowhere`);
  }
  throw new Error('references go round in circles');
}

/** What is accepted, and so may be sent, if the document describes less (`documentedAs`). */
const accepted = (schema: Json): Json => (schema['x-accepts'] as Json | undefined) ?? schema;

const annotations = new Set([
  'description',
  'title',
  'examples',
  'default',
  'deprecated',
  'id',
  '$schema',
  '$ref',
  'allOf',
]);
const isAnnotation = (key: string): boolean => annotations.has(key) || key.startsWith('x-');
const isEmpty = (schema: Json) => Object.keys(schema).every(isAnnotation);

/** A schema merged with those of its `allOf`. */
export function joined(schema: Json, document: Json): Json {
  const parts = schema['allOf'] as unknown[] | undefined;
  if (!parts) return schema;
  const all = [...parts.map((part) => resolve({ schema: part, document })), schema];
  const { allOf: _, ...merged } = Object.assign({}, ...all) as Json;
  const of = (keyword: string) => all.map((part) => part[keyword] as object | undefined);
  return {
    ...merged,
    properties: Object.assign({}, ...of('properties')) as Json,
    required: [...new Set(of('required').flatMap((names) => (names ?? []) as string[]))],
  };
}

const alternatives = (schema: Json): unknown[] | undefined =>
  (schema['anyOf'] ?? schema['oneOf']) as unknown[] | undefined;

const enumerated = (schema: Json): unknown[] | undefined =>
  'const' in schema ? [schema['const']] : (schema['enum'] as unknown[] | undefined);

function accepts(document: Json, schema: unknown, value: unknown): boolean {
  const reader = resolve({ schema, document });
  const choices = alternatives(reader);
  if (choices) return choices.some((choice) => accepts(document, choice, value));
  const values = enumerated(reader);
  if (values) return values.some((each) => JSON.stringify(each) === JSON.stringify(value));
  return plainReader.validate(reader, value);
}

/** For schemas of scalar values, which contain no references. */
const plainReader = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });

const fewest = (findings: Finding[][]): Finding[] =>
  findings.reduce((best, each) => (each.length < best.length ? each : best));

const typesOf = (schema: Json): string[] => [schema['type'] ?? []].flat() as string[];

const missingTypes = (from: Json, to: Json): string[] => {
  const read = typesOf(to);
  if (read.length === 0) return [];
  const written = typesOf(from);
  if (written.length === 0) return ['any'];
  return written.filter((type) => !read.includes(type) && !(type === 'integer' && read.includes('number')));
};

const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;

function boundFindings(from: Json, to: Json): string[] {
  const broken = (keyword: string, isWithin: (written: number, read: number) => boolean) => {
    const read = to[keyword];
    const written = from[keyword];
    if (typeof read !== 'number') return [];
    if (typeof written === 'number' && isWithin(written, read)) return [];
    return [
      `${keyword} is ${read} for the reader and ${typeof written === 'number' ? written : 'without bound'} for the writer`,
    ];
  };
  return [
    ...lower.flatMap((keyword) => broken(keyword, (written, read) => written >= read)),
    ...upper.flatMap((keyword) => broken(keyword, (written, read) => written <= read)),
  ];
}

const compared = new Set<string>([
  ...annotations,
  ...lower,
  ...upper,
  'format',
  'type',
  'enum',
  'const',
  'anyOf',
  'oneOf',
  'properties',
  'required',
  'additionalProperties',
  'items',
]);

/** Formats of integers are bounds; others are compared like any keyword. */
const bits: Readonly<Record<string, number>> = { int16: 15, int32: 31, int64: 63 };

const rangeOf = ({ format, minimum, maximum }: Json): [number, number] => {
  const limit = 2 ** (bits[format as string] ?? Infinity);
  return [
    Math.max(-limit, typeof minimum === 'number' ? minimum : -Infinity),
    Math.min(limit - 1, typeof maximum === 'number' ? maximum : Infinity),
  ];
};

function isInFormat(from: Json, to: Json): boolean {
  if (to['format'] === undefined || to['format'] === from['format']) return true;
  const limit = 2 ** (bits[to['format'] as string] ?? NaN);
  const [least, most] = rangeOf(from);
  return least >= -limit && most <= limit - 1;
}

/** Keywords that must be the same if the reader has them: `pattern`, `format` of texts and any that is not known here. */
const sameFindings = (from: Json, to: Json): string[] =>
  Object.keys(to)
    .filter((key) =>
      key === 'format'
        ? !isInFormat(from, to)
        : !compared.has(key) && !isAnnotation(key) && JSON.stringify(to[key]) !== JSON.stringify(from[key]),
    )
    .map(
      (key) =>
        `${key} is ${JSON.stringify(to[key])} for the reader and ${JSON.stringify(from[key]) ?? 'absent'} for the writer`,
    );

const itemFindings = (from: Json, to: Json, go: (schema: unknown, into: unknown) => Finding[]): Finding[] =>
  to['items'] === undefined ? [] : go(from['items'] ?? {}, to['items']);

const propertiesOf = (schema: Json) => (schema['properties'] ?? {}) as Record<string, unknown>;
const requiredOf = (schema: Json) => (schema['required'] ?? []) as string[];

function propertyFindings(
  from: Json,
  to: Json,
  { readerIsOld }: Options,
): { name: string; detail: string }[] {
  const written = propertiesOf(from);
  const read = propertiesOf(to);
  const lacking = requiredOf(to).filter((name) => !requiredOf(from).includes(name));
  return [
    ...lacking.map((name) => ({
      name,
      detail: name in written ? 'is needed, but may be missing' : 'is needed, but missing',
    })),
    ...Object.keys(written)
      .filter((name) => !(name in read) && to['additionalProperties'] === false)
      .map((name) => ({ name, detail: 'is not known to the reader, which refuses it' })),
    ...Object.keys(read)
      .filter((name) => readerIsOld && !(name in written) && !lacking.includes(name))
      .map((name) => ({ name, detail: 'is gone' })),
  ];
}

/** Properties of the writer with the reader's schemas for them. */
function sharedProperties(from: Json, to: Json): [string, unknown, unknown][] {
  const read = propertiesOf(to);
  const rest = to['additionalProperties'];
  const others: [string, unknown, unknown][] =
    typeof rest === 'object' && rest !== null && typeof from['additionalProperties'] === 'object'
      ? [['*', from['additionalProperties'], rest]]
      : [];
  return [
    ...Object.entries(propertiesOf(from)).flatMap(([name, schema]): [string, unknown, unknown][] =>
      name in read
        ? [[name, schema, read[name]]]
        : typeof rest === 'object' && rest !== null
          ? [[name, schema, rest]]
          : [],
    ),
    ...others,
  ];
}

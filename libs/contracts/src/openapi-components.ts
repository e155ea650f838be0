import { z } from 'zod';
import { baseOf } from './extending';
import { documentedSchemaOf } from './documented-as';

export type Json = { [key: string]: unknown };

type Side = 'input' | 'output' | 'parameter';

/** The named components of a document, collected while the rest is generated. */
export interface Components {
  /**
   * The JSON Schema (2020-12) of a component, with its named parts moved to the components.
   * @param name of the component itself, if its schema has no `id`
   */
  schemaOf(schema: z.ZodType, side: Side, name?: string): Json;
  /** All named schemas, by name. */
  all(): Record<string, Json>;
}

/**
 * Requests are closed and responses are open: a client must be able to read responses with fields added later. So a named
 * schema that is used on both sides and differs becomes two components, the second with the suffix `Input` or `Output`.
 */
export function createComponents(): Components {
  const named = new Map<string, string>();

  const name = (id: string, definition: Json, side: Side): string => {
    const text = JSON.stringify(definition);
    for (const candidate of [id, side === 'input' ? `${id}Input` : `${id}Output`]) {
      const known = named.get(candidate);
      if (known === undefined || known === text) {
        named.set(candidate, text);
        return candidate;
      }
    }
    throw new Error(`two schemas have the id ${id}`);
  };

  /**
   * Repeats the extending schema's own fields and which of them are nullable: openapi-generator loses them otherwise
   * (findings/openapi-generator-loses-null.sh). With its `x-parent` the Python client reads none of the inherited
   * fields.
   */
  const beside = (base: z.ZodType, { properties, required, type, ...about }: Json): Json => {
    const reference = schemaOf(base, 'output');
    const inherited = JSON.parse(named.get(nameIn(reference))!) as { properties: Json; required: string[] };
    const isSaid = ([key, value]: [string, unknown]) =>
      mayBeNull(value) || JSON.stringify(value) !== JSON.stringify(inherited.properties[key]);
    const said = Object.fromEntries(Object.entries(properties as Json).filter(isSaid));
    const isRequiredHere = (key: string) =>
      !inherited.required.includes(key) || (key in said && mayBeNull(said[key]));
    return {
      ...about,
      allOf: [reference, { type, properties: said, required: (required as string[]).filter(isRequiredHere) }],
    };
  };

  const schemaOf = (schema: z.ZodType, side: Side, rootName?: string): Json => {
    const bases = new Map<string, z.ZodType>();
    const {
      $schema: _,
      $defs,
      ...root
    } = z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io: side === 'input' ? 'input' : 'output',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const documented = documentedSchemaOf(zodSchema);
        if (documented) replaceBy(jsonSchema, documented);
        addFormat(jsonSchema);
        // Received values always contain it.
        if (side === 'output') delete jsonSchema.default;
        if (side === 'output' && jsonSchema.additionalProperties === false && !isValue(zodSchema))
          delete jsonSchema.additionalProperties;
        const base = side === 'output' ? baseOf(zodSchema) : undefined;
        const id = z.globalRegistry.get(zodSchema)?.id;
        if (base && id) bases.set(id, base);
      },
    }) as Json & { $schema?: string; $defs?: Record<string, Json> };
    const names = new Map<string, string>();
    const definitions = Object.entries($defs ?? {});
    // Innermost first, so that references are renamed before a definition is compared.
    for (const [id] of definitions.reverse()) names.set(id, id);
    const rewrite = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(rewrite);
      if (typeof value !== 'object' || value === null) return value;
      // Zod repeats the referenced definition if a named schema was refined and then described.
      const isReference = '$ref' in value && typeof value.$ref === 'string';
      return Object.fromEntries(
        Object.entries(value)
          .filter(([key, inner]) => !(key === 'id' && typeof inner === 'string'))
          .filter(([key]) => !isReference || besideReference.has(key))
          .map(([key, inner]) =>
            key === '$ref' && typeof inner === 'string'
              ? [key, `#/components/schemas/${names.get(inner.replace('#/$defs/', '')) ?? inner}`]
              : [key, rewrite(inner)],
          ),
      );
    };
    const define = (id: string, definition: Json): string => {
      const rewritten = rewrite(definition) as Json;
      const base = bases.get(id);
      return name(id, base ? beside(base, rewritten) : rewritten, side);
    };
    for (const [id, definition] of definitions) names.set(id, define(id, definition));
    const id = typeof root['id'] === 'string' ? root['id'] : rootName;
    return id ? { $ref: `#/components/schemas/${define(id, root)}` } : (rewrite(root) as Json);
  };

  return {
    schemaOf,
    all: () =>
      Object.fromEntries(
        [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => [id, JSON.parse(text) as Json]),
      ),
  };
}

const besideReference: ReadonlySet<string> = new Set(['$ref', 'description', 'default', 'examples']);

const mayBeNull = (schema: unknown): boolean => {
  const { type, anyOf } = schema as { type?: unknown; anyOf?: Json[] };
  return (
    (Array.isArray(type) && type.includes('null')) ||
    (anyOf?.some((each) => each['type'] === 'null') ?? false)
  );
};

const nameIn = ({ $ref }: Json): string => ($ref as string).split('/').at(-1)!;

function replaceBy(target: object, source: object): void {
  for (const key of Object.keys(target)) delete (target as Json)[key];
  Object.assign(target, source);
}

/** Schemas of values that never gain a field are closed on both sides, and so are one component. */
const isValue = (schema: z.core.$ZodType): boolean => z.globalRegistry.get(schema)?.['isValue'] === true;

const int32 = 2 ** 31 - 1;

/** Without a format, generators use 32 bits for every integer. */
function addFormat(schema: z.core.JSONSchema.BaseSchema): void {
  delete (schema as Json)['isValue'];
  if (schema.type !== 'integer' || schema.format !== undefined) return;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  schema.format = minimum >= -int32 - 1 && maximum <= int32 ? 'int32' : 'int64';
}

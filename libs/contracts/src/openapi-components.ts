import { z } from 'zod';

export type Json = { [key: string]: unknown };

type Side = 'input' | 'output' | 'parameter';

/** The named parts of a document, collected while its other parts are described. */
export interface Components {
  /** The JSON Schema (2020-12) of a part, with its named parts moved to the components. */
  schemaOf(schema: z.ZodType, side: Side): Json;
  /** All named schemas, by name. */
  all(): Record<string, Json>;
}

/**
 * Requests are closed and answers are open: a client must be able to read answers with fields added later. So a named
 * schema that is used on both sides and differs becomes two components, the request's with the suffix `Input`.
 */
export function createComponents(): Components {
  const named = new Map<string, string>();

  const name = (id: string, definition: Json, side: Side): string => {
    const text = JSON.stringify(definition);
    for (const candidate of side === 'input' ? [`${id}Input`, id] : [id, `${id}Output`]) {
      const known = named.get(candidate);
      if (known === undefined || known === text) {
        named.set(candidate, text);
        return candidate;
      }
    }
    throw new Error(`two schemas have the id ${id}`);
  };

  return {
    schemaOf(schema, side) {
      const {
        $schema: _,
        $defs,
        ...root
      } = z.toJSONSchema(schema, {
        target: 'draft-2020-12',
        io: side === 'input' ? 'input' : 'output',
        unrepresentable: 'any',
        override: ({ jsonSchema }) => {
          if (side === 'output' && jsonSchema.additionalProperties === false)
            delete jsonSchema.additionalProperties;
        },
      }) as Json & { $schema?: string; $defs?: Record<string, Json> };
      const names = new Map<string, string>();
      const definitions = Object.entries($defs ?? {});
      // Innermost first, so that references are renamed before a definition is compared.
      for (const [id] of definitions.reverse()) names.set(id, id);
      const rewrite = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(rewrite);
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(
          Object.entries(value)
            .filter(([key, inner]) => !(key === 'id' && typeof inner === 'string'))
            .map(([key, inner]) =>
              key === '$ref' && typeof inner === 'string'
                ? [key, `#/components/schemas/${names.get(inner.replace('#/$defs/', '')) ?? inner}`]
                : [key, rewrite(inner)],
            ),
        );
      };
      for (const [id, definition] of definitions) names.set(id, name(id, rewrite(definition) as Json, side));
      const id = typeof root['id'] === 'string' ? root['id'] : undefined;
      const rewritten = rewrite(root) as Json;
      return id ? { $ref: `#/components/schemas/${name(id, rewritten, side)}` } : rewritten;
    },
    all: () =>
      Object.fromEntries(
        [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => [id, JSON.parse(text) as Json]),
      ),
  };
}

import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

const documented = z.registry<{ readonly schema: unknown }>();

/**
 * Makes documents describe a parameter differently from its validation: with the type that clients should send.
 * `x-accepts` describes what is also accepted, for older clients.
 */
export function documentedAs<S extends z.ZodType>(schema: S, jsonSchema: JsonSchema): S {
  documented.add(schema, { schema: jsonSchema });
  return schema;
}

export const documentedSchemaOf = (schema: z.core.$ZodType): JsonSchema | undefined =>
  documented.get(schema)?.schema as JsonSchema | undefined;

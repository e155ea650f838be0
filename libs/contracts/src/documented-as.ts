import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

const documented = z.registry<{ readonly schema: unknown }>();

/**
 * Has documents describe a parameter otherwise than it is validated: by the type that clients should send. `x-accepts` says
 * what is accepted besides, for clients that were made before.
 */
export function documentedAs<S extends z.ZodType>(schema: S, jsonSchema: JsonSchema): S {
  documented.add(schema, { schema: jsonSchema });
  return schema;
}

export const documentedSchemaOf = (schema: z.core.$ZodType): JsonSchema | undefined =>
  documented.get(schema)?.schema as JsonSchema | undefined;

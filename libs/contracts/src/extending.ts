import { z } from 'zod';

const bases = z.registry<{ readonly base: unknown }>();

/**
 * Declares that a named schema has all fields of another named one: documents express this with `allOf`, and languages
 * with classes can use inheritance. For responses.
 * @param base with an `id` @param schema `base.extend(…)`, with an `id`
 */
export function extending<S extends z.ZodObject>(base: z.ZodObject, schema: S): S {
  bases.add(schema, { base });
  return schema;
}

/** The schema that another one extends. */
export const baseOf = (schema: z.core.$ZodType): z.ZodType | undefined =>
  bases.get(schema)?.base as z.ZodType | undefined;

import fc from 'fast-check';
import { joined } from '../compatibility/schemas';
import type { Json } from '../openapi-components';

const formats: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  uuid: () => fc.uuid(),
  'date-time': () =>
    fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
};

/**
 * Values that a schema of an event allows, optional fields present or not.
 * @param schema JSON Schema of the kind that our contracts make @param document where its references point
 */
export function valuesOf(schema: unknown, document: Json): fc.Arbitrary<unknown> {
  const part = (schema ?? {}) as Json;
  const go = (inner: unknown) => valuesOf(inner, document);
  if (part['allOf']) return go(joined(part, document));
  if (typeof part['$ref'] === 'string') {
    const name = part['$ref'].split('/').at(-1)!;
    return go((document['components'] as { schemas: Json }).schemas[name]);
  }
  if ('const' in part) return fc.constant(part['const']);
  if (part['enum']) return fc.constantFrom(...(part['enum'] as unknown[]));
  if (part['anyOf']) return fc.oneof(...(part['anyOf'] as unknown[]).map(go));
  if (Array.isArray(part['type']))
    return fc.oneof(...part['type'].map((type) => go({ ...part, type: type as unknown })));
  switch (part['type']) {
    case 'object': {
      const properties = (part['properties'] ?? {}) as Json;
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, go(field)])),
        {
          requiredKeys: (part['required'] ?? []) as never[],
        },
      );
    }
    case 'array':
      return fc.array(go(part['items']), {
        minLength: (part['minItems'] as number | undefined) ?? 0,
        maxLength: Math.min((part['maxItems'] as number | undefined) ?? 5, 5),
      });
    case 'integer':
      return fc.integer({
        min: Math.max((part['minimum'] as number | undefined) ?? 0, -(2 ** 31)),
        max: Math.min((part['maximum'] as number | undefined) ?? 2 ** 31 - 1, 2 ** 31 - 1),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string': {
      const format = formats[part['format'] as string];
      if (format) return format();
      if (part['pattern']) return fc.stringMatching(new RegExp(part['pattern'] as string, 'u'));
      return fc.string({
        minLength: (part['minLength'] as number | undefined) ?? 0,
        maxLength: (part['maxLength'] as number | undefined) ?? 50,
      });
    }
    default:
      throw new Error(`no values are known for ${JSON.stringify(part)}`);
  }
}

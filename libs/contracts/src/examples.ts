import type { Json } from './openapi-components';

/** Example strings by field name, for schemas without an example of their own. */
const texts: Readonly<Record<string, string>> = {
  accessToken: 'eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIwMTkwYjFmNCJ9.c2lnbmF0dXJl',
  alg: 'ES256',
  attention: 'unanswered',
  category: 'kitchen',
  city: 'Wien',
  country: 'AT',
  description: 'Enamelled steel, 1.5 litres',
  detail: 'must be at least 1',
  email: 'ada@example.com',
  failure: 'expired_or_canceled_card',
  imageUrl: '/images/enamel-kettle-red.svg',
  instance: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a',
  kid: '1',
  kty: 'EC',
  line1: 'Stephansplatz 1',
  line2: 'Top 3',
  locale: 'en-GB',
  name: 'Enamel kettle, red',
  pointer: '/body/items/0/quantity',
  postalCode: '1010',
  problem: 'The catalog was unavailable',
  provider: 'simulated',
  reason: 'requested-by-buyer',
  recipient: 'Ada Lovelace',
  reference: 'du_1PgafmB7WZ01zgkWfsDm5X8b',
  refreshToken: 'mZ3a2sT0p9Xv4yQ1kLr7NbWc8dEfGhJi5uOtRzPqAsM',
  region: 'Wien',
  sku: 'KET-ENAMEL-RED',
  slug: 'enamel-kettle-red',
  state: 'authorised',
  text: 'Your order is confirmed.',
  title: 'Order confirmed',
  url: 'https://bank.example/confirm/0190b1f4',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
};

const formats: Readonly<Record<string, string>> = {
  uuid: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a',
  'date-time': '2026-11-30T09:41:00.000Z',
};

/**
 * A value that is valid for a schema of the document, with every field, using the schema's own examples if there are
 * any.
 * @param schema JSON Schema as our contracts generate it @param schemas the components that its references name
 * @param field name of the field
 * @throws Error for a string without a known example
 */
export function exampleOf(schema: unknown, schemas: Readonly<Record<string, Json>>, field: string): unknown {
  const part = schema as Json;
  const go = (inner: unknown, name: string) => exampleOf(inner, schemas, name);
  if (Array.isArray(part['examples'])) return part['examples'][0];
  if (typeof part['$ref'] === 'string') return go(schemas[part['$ref'].split('/').at(-1)!], field);
  if ('const' in part) return part['const'];
  if (Array.isArray(part['enum'])) return part['enum'][0];
  if (Array.isArray(part['allOf']))
    return Object.assign({}, ...part['allOf'].map((each) => go(each, field) as object)) as object;
  if (Array.isArray(part['anyOf'])) return go(part['anyOf'][0], field);
  switch ([part['type']].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries((part['properties'] ?? {}) as Json).map(([name, inner]) => [name, go(inner, name)]),
      );
    case 'array':
      return [go(part['items'], field)];
    case 'integer':
      return Math.max(
        (part['default'] as number | undefined) ?? 1,
        (part['minimum'] as number | undefined) ?? 1,
      );
    case 'boolean':
      return true;
    case 'string': {
      const text = formats[part['format'] as string] ?? texts[field];
      if (text === undefined) throw new Error(`no example is known for ${field}`);
      return text;
    }
    default:
      return {};
  }
}

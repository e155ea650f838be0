import { publicApis } from './apis';
import { createOpenApi } from './openapi';

/** What code generators need to know of the document: names for everything, and types that hold every value. */
const document = createOpenApi(publicApis) as any;
const schemas = document.components.schemas as Record<string, any>;
const operations: any[] = Object.values<any>(document.paths).flatMap((methods) => Object.values(methods));

/** Every schema of the document with its place, those of components and those within others included. */
function* schemasIn(value: any, place: string): Generator<{ place: string; schema: any }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && typeof value.type === 'string') yield { place, schema: value };
  for (const [key, inner] of Object.entries(value))
    if (!['example', 'examples', 'default'].includes(key)) yield* schemasIn(inner, `${place}/${key}`);
}
const all = [...schemasIn(document.paths, 'paths'), ...schemasIn(document.components, 'components')].filter(
  ({ place }) => !place.startsWith('components/securitySchemes'),
);
const isComponent = (place: string) => /^components\/schemas\/\w+$/.test(place);

describe('for code generators, the document', () => {
  it('gives every integer a format that holds it', () => {
    const integers = all.filter(({ schema }) => schema.type === 'integer');
    expect(integers.length).toBeGreaterThan(25);
    for (const { place, schema } of integers)
      expect({ place, format: schema.format }).toEqual({
        place,
        format: schema.maximum <= 2 ** 31 - 1 ? 'int32' : 'int64',
      });
    expect(schemas['Money'].properties.amount.format).toBe('int64');
  });

  it('names every object and every enumeration', () => {
    const anonymous = all.filter(
      ({ place, schema }) =>
        !isComponent(place) &&
        // Not for generators of today.
        !place.includes('/x-itemSchema') &&
        // What a schema adds to the one it extends.
        !/^components\/schemas\/\w+\/allOf\/1$/.test(place) &&
        (schema.properties !== undefined || schema.enum !== undefined),
    );
    expect(anonymous.map(({ place }) => place)).toEqual([]);
  });

  it('has one component for a thing, whether it is sent or received', () => {
    expect(Object.keys(schemas).filter((name) => /(Input|Output)$/.test(name))).toEqual([]);
    const withAmount = Object.keys(schemas).filter(
      (name) => 'amount' in (schemas[name].properties ?? {}) && 'currency' in schemas[name].properties,
    );
    expect(withAmount).toEqual(['Money']);
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['PlaceOrder', 'OrderItem', 'OrderList', 'Register', 'RefundPayment']),
    );
  });

  it('gives nothing a name that generators make themselves', () => {
    const suffixes =
      'Request Response Responses Data Error Errors Body Params Headers Operation Result'.split(' ');
    const taken = operations.flatMap(({ operationId }) =>
      suffixes.map((suffix) => `${operationId}${suffix}`.toLowerCase()),
    );
    const known = [
      'ApiClient',
      'ApiException',
      'ApiError',
      'Configuration',
      'BaseApi',
      'Object',
      'Error',
      'Set',
    ];
    for (const { operationId, tags } of operations) taken.push(`api${operationId}request`, `${tags[0]}api`);
    taken.push(...known.map((name) => name.toLowerCase()));
    const names = Object.keys(schemas).map((name) => name.toLowerCase());
    expect(names.filter((name) => taken.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    // Go's constructors and nullable types.
    const made = names.flatMap((name) => [`new${name}`, `nullable${name}`]);
    expect(names.filter((name) => made.includes(name))).toEqual([]);
  });

  it('says of what has all fields of another that it extends it', () => {
    for (const [name, base] of [
      ['OrderDetails', 'Order'],
      ['AdminOrder', 'Order'],
      ['PaymentDetails', 'Payment'],
      ['ProductPage', 'Product'],
      ['AccountDetails', 'Account'],
      ['Tokens', 'BrowserTokens'],
    ] as const) {
      const [reference, own] = schemas[name].allOf;
      expect(reference).toEqual({ $ref: `#/components/schemas/${base}` });
      expect(schemas[base]).not.toHaveProperty('x-parent');
      // openapi-generator takes null only where it is said again.
      const nullable = Object.entries(schemas[base].properties).filter(([, field]) =>
        /"null"/.test(JSON.stringify(field)),
      );
      const repeated = Object.entries(own.properties).filter(([field]) => field in schemas[base].properties);
      expect(repeated).toEqual(nullable);
    }
    const { properties } = schemas['OrderDetails'].allOf[1];
    const added = ['timeline', 'refunds'];
    expect(Object.keys(properties)).toEqual(['reason', 'nextAction', 'shippingAddress', ...added]);
  });

  it('has values of enumerations that become different names in any language', () => {
    for (const [name, { enum: values, 'x-enum-varnames': given }] of Object.entries(schemas)) {
      if (!values) continue;
      const inCode = ((given ?? values) as string[]).map((value) => value.replace(/\W/g, '_').toUpperCase());
      expect({ name, bad: inCode.filter((each) => !/^[A-Z][A-Z0-9_]*$/.test(each)) }).toEqual({
        name,
        bad: [],
      });
      expect({ name, count: new Set(inCode).size }).toEqual({ name, count: values.length });
    }
  });

  it('has parameters that differ in more than their place, from each other and from the body', () => {
    const inCode = (name: string) => name.replace(/\W/g, '').toLowerCase();
    for (const { operationId, parameters = [], requestBody } of operations) {
      const body = requestBody?.content['application/json'].schema.$ref?.split('/').at(-1) as
        string | undefined;
      const names = [
        ...parameters.map(({ name }: { name: string }) => name),
        ...(body ? [body] : []),
        ...Object.keys(schemas[body ?? '']?.properties ?? {}),
      ].map(inCode);
      expect({ operationId, names: new Set(names).size }).toEqual({ operationId, names: names.length });
    }
  });

  it('has one type for an ID everywhere', () => {
    const ids = [
      ...operations.flatMap(({ parameters = [] }) => parameters),
      ...Object.values(schemas).flatMap(({ properties = {} }) =>
        Object.entries<any>(properties).map(([name, schema]) => ({ name, schema })),
      ),
    ].filter(({ name }) => /^(product|order|payment|user|session|address|notification)Id$/.test(name));
    expect(ids.length).toBeGreaterThan(20);
    for (const { name, schema } of ids) {
      const { format } = schema.anyOf?.[0] ?? schema;
      expect({ name, format }).toEqual({ name, format: 'uuid' });
    }
  });
});

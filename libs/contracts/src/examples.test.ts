import Ajv from 'ajv/dist/2020';
import { z } from 'zod';
import { publicApis } from './apis';
import type { Endpoint } from './endpoint';
import { createOpenApi } from './openapi';

const document = createOpenApi(publicApis) as any;
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'api', ...document });
const endpoints = Object.values(publicApis)
  .flatMap((api): Endpoint[] => Object.values(api))
  .filter(({ movedTo }) => movedTo === undefined);
const operationOf = ({ method, path }: Endpoint) => document.paths[path][method];

/** What is wrong with a value by a schema of the document. */
const faultsBy = (schema: object, value: unknown): string =>
  ajv.validate(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object, value)
    ? ''
    : ajv.errorsText();

describe.each(endpoints.map((endpoint) => ({ endpoint, id: endpoint.operationId })))(
  '$id',
  ({ endpoint }) => {
    const operation = operationOf(endpoint);

    it('has a description and an example that can be sent for each parameter', () => {
      const schemas = { path: endpoint.params, query: endpoint.query, header: endpoint.headers } as const;
      for (const { name, in: place, description, example } of operation.parameters ?? []) {
        expect({ name, description }).toEqual({ name, description: expect.stringMatching(/.{5}/) });
        if (name === 'Idempotency-Key') continue;
        const field = schemas[place as keyof typeof schemas]!.shape[
          place === 'header' ? name.toLowerCase() : name
        ] as z.ZodType;
        expect({ name, result: field.safeParse(String(example)) }).toMatchObject({
          name,
          result: { success: true },
        });
      }
    });

    it('has a description and an example that can be sent for its body', () => {
      if (!endpoint.body) return;
      const { description, content } = operation.requestBody;
      expect(description).toMatch(/.{5}/);
      const { example, schema } = content['application/json'];
      const closed = endpoint.body instanceof z.ZodObject ? endpoint.body.strict() : endpoint.body;
      expect(closed.safeParse(example)).toMatchObject({ success: true });
      expect(faultsBy(schema, example)).toBe('');
    });

    it('has an example of each response', () => {
      for (const [status, { schema }] of Object.entries(endpoint.responses)) {
        if (!schema) continue;
        const { example, schema: documented } = operation.responses[status].content['application/json'];
        expect(schema.safeParse(example)).toMatchObject({ success: true });
        expect(faultsBy(documented, example)).toBe('');
      }
      for (const [status, { $ref }] of Object.entries<any>(operation.responses)) {
        if (!$ref) continue;
        const { content } = document.components.responses[$ref.split('/').at(-1)];
        const { schema, examples } = content['application/problem+json'];
        for (const [slug, { value }] of Object.entries<any>(examples)) {
          expect(value).toMatchObject({ status: Number(status), type: `urn:bulkhead:problem:${slug}` });
          expect(faultsBy(schema, value)).toBe('');
        }
      }
    });

    it('says whether it needs a user', () => {
      const isPublic = endpoint.access.kind === 'public';
      expect(operation.security).toEqual(isPublic ? [] : [{ bearer: expect.any(Array) }]);
    });

    it('names the events of its stream', () => {
      if (!endpoint.stream) return;
      const { 'x-itemSchema': item, example } = operation.responses['200'].content['text/event-stream'];
      const data = [...(example as string).matchAll(/^data: (.*)$/gm)].map(
        ([, text]) => JSON.parse(text!) as unknown,
      );
      const types = item.oneOf.map(({ properties }: any) => properties.event.const as string);
      expect([...(example as string).matchAll(/^event: (.*)$/gm)].map(([, type]) => type)).toEqual(types);
      item.oneOf.forEach(({ properties }: any, index: number) =>
        expect(faultsBy(properties.data.contentSchema, data[index])).toBe(''),
      );
    });
  },
);

it('spells the names of headers as people do', () => {
  const names = [...JSON.stringify(document).matchAll(/"name":"([\w-]+)","in":"header"/g)].map(
    ([, name]) => name,
  );
  const answered = [
    ...endpoints.flatMap((endpoint) => Object.values<any>(operationOf(endpoint).responses)),
    ...Object.values<any>(document.components.responses),
  ].flatMap(({ headers = {} }) => Object.keys(headers as object));
  expect([...new Set([...names, ...answered])].sort()).toEqual(
    ['Cache-Control', 'ETag', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Last-Event-ID', 'Location']
      .concat(['Prefer', 'Retry-After', 'Set-Cookie', 'Stripe-Signature', 'Webhook-Signature'])
      .sort(),
  );
});

it('has schemas for the members of problems, and lists their types', () => {
  const { schemas, responses } = document.components;
  expect(Object.keys(schemas.OutOfStockProblem.allOf[1].properties)).toEqual(['orderId', 'items']);
  expect(schemas.PriceChangedProblem.allOf[1].properties.total.$ref).toBe('#/components/schemas/Money');
  expect(schemas.ProblemType.enum).toContain('urn:bulkhead:problem:payment-declined');
  const { $ref } = document.paths['/api/v1/orders'].post.responses['409'];
  const { schema } = responses[$ref.split('/').at(-1)].content['application/problem+json'];
  expect(schema.anyOf.map((each: any) => each.$ref.split('/').at(-1))).toEqual([
    'OutOfStockProblem',
    'PriceChangedProblem',
    'Problem',
  ]);
});

it('has no two paths that one request could mean', () => {
  const paths = Object.keys(document.paths).map((path) => path.split('/'));
  const isBlank = (part: string) => part.startsWith('{');
  const pairs = paths.flatMap((one, index) => paths.slice(index + 1).map((other) => [one, other] as const));
  const mixed = pairs.filter(
    ([one, other]) =>
      one.length === other.length &&
      one.every((part, at) => part === other[at] || isBlank(part) || isBlank(other[at]!)) &&
      one.some((part, at) => isBlank(part) && !isBlank(other[at]!)) &&
      one.some((part, at) => !isBlank(part) && isBlank(other[at]!)),
  );
  expect(mixed.map(([one, other]) => `${one.join('/')} ${other.join('/')}`)).toEqual([]);
  const webhook = document.paths['/api/v1/payment-webhooks/{provider}'].post;
  expect(webhook['x-former-paths']).toEqual(['/api/v1/payments/webhooks/{provider}']);
});

it('describes what it names', () => {
  const { schemas } = document.components;
  expect(Object.keys(schemas).filter((name) => !schemas[name].description)).toEqual([]);
  for (const { name, description } of document.tags)
    expect({ name, description }).toEqual({ name, description: expect.stringMatching(/.{10}/) });
});

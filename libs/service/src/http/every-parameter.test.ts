import { Agent, request } from 'node:http';
import { internalApis, publicApis } from '@bulkhead/contracts/apis';
import type { Endpoint, Endpoints } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import fc from 'fast-check';
import { z } from 'zod';
import { problem } from '../errors';
import { randomIds } from '../ids';
import type { ServiceDefinition } from '../service';
import { createTestNetwork, startTestService, type TestService } from '../testing/test-service';
import type { Operation } from './operation';

type Place = 'path' | 'query' | 'headers';
interface Parameter {
  readonly place: Place;
  readonly name: string;
  readonly schema: z.ZodType;
}

/** Whose spaces are part of what somebody typed. */
const freeText = ['searchProducts q', 'suggestSearches q'];
/** Lists, which RFC 9110 §5.3 lets be spread over several lines. */
const lists = ['if-match', 'if-none-match', 'prefer'];
/** Read only by the handler: an unknown preference is ignored (RFC 7240 §2), an invalid signature is a 400. */
const opaque = ['prefer', 'webhook-signature', 'stripe-signature'];

const id = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
const tooLong = 'x'.repeat(2_000);
const meaninglessNumbers = [
  ...['+5', '-0', '05', '0x10', '0b11', '0o7', '1e3', '1.0', '1.5', '5.', '.5', '1_000', '1,000', '９'],
  ...['NaN', 'Infinity', '-Infinity', 'null', 'true', '5\n', '9007199254740993', '1'.repeat(400)],
];

/** Values that are invalid for any parameter. */
function meaningless({ place, schema }: Parameter, isText: boolean): string[] {
  const padded = [` ${valid(schema)}`, `${valid(schema)} `, `${valid(schema)}\t`];
  const { type, minimum, maximum, enum: values } = jsonSchemaOf(schema);
  return [
    // A path without its parameter is another path.
    ...(place === 'path' ? [] : ['']),
    // HTTP itself trims a header's value.
    ...(place === 'headers' ? [] : [' ', '\t', ...(isText ? [] : padded)]),
    ...(place === 'headers' ? [] : ['\u0000', `${valid(schema)}\u0000`]),
    tooLong,
    ...(type === 'integer' ? [...meaninglessNumbers, String(minimum! - 1), String(maximum! + 1)] : []),
    ...(values ? [inOtherCase(values[0]!), '1', 'yes', values.join(), '__proto__'] : []),
  ];
}

const inOtherCase = (text: string) => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());

interface ParameterSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly examples?: readonly string[];
}

function jsonSchemaOf(schema: z.ZodType): ParameterSchema {
  const { $ref, $defs, ...own } = z.toJSONSchema(schema, { unrepresentable: 'any' }) as ParameterSchema & {
    readonly $ref?: string;
    readonly $defs?: Record<string, ParameterSchema>;
  };
  return $ref === undefined ? own : $defs![$ref.split('/').at(-1)!]!;
}

/** A valid value of the parameter. */
function valid(schema: z.ZodType): string {
  const { type, format, pattern, minimum, enum: values, examples } = jsonSchemaOf(schema);
  if (examples) return examples[0]!;
  if (type === 'integer') return String(minimum);
  if (values) return values[0]!;
  if (format === 'uuid') return id;
  if (pattern === undefined || pattern.includes('(?=')) return 'kettle';
  return fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), { numRuns: 1, seed: 1 })[0]!;
}

const parametersOf = ({ params, query, headers }: Endpoint): Parameter[] =>
  (
    [
      ['path', params],
      ['query', query],
      ['headers', headers],
    ] as const
  ).flatMap(([place, schemas]) =>
    Object.entries(schemas?.shape ?? {}).map(([name, schema]) => ({
      place,
      name,
      schema: schema as z.ZodType,
    })),
  );

const apis: [ServiceName, Endpoint[]][] = (Object.keys(publicApis) as (keyof typeof publicApis)[]).map(
  (name) => [
    name,
    [publicApis, internalApis as Record<string, Endpoints>].flatMap((api) =>
      Object.values<Endpoint>(api[name] ?? {}),
    ),
  ],
);

/** A service with all endpoints of the contracts, which do nothing. */
const idle = (name: ServiceName, endpoints: readonly Endpoint[]): ServiceDefinition => ({
  name,
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({
    operations: endpoints.map((endpoint): Operation => {
      const handle = async () => {
        throw problem('gone', 'reached');
      };
      return { endpoint, handle, ...(endpoint.stream ? { stream: handle } : {}) };
    }),
  }),
});

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
afterAll(() => agent.destroy());

describe.each(apis)('what means nothing to %s is refused, and by name:', (name, endpoints) => {
  let service: TestService;
  let authorization: string;
  beforeAll(async () => {
    const network = await createTestNetwork();
    service = await startTestService(idle(name, endpoints), { network });
    authorization = await network.users.authorization(randomIds.next(), ['customer', 'admin']);
  });
  afterAll(() => service?.stop());

  type Given = Partial<Record<Place, Record<string, string | string[]>>> & { readonly search?: string };

  async function ask(endpoint: Endpoint, given: Given) {
    const { access, method } = endpoint;
    const caller = access.kind === 'service' ? access.callers[0]! : 'gateway';
    const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) =>
      encodeURIComponent(
        (given.path?.[parameter] as string | undefined) ??
          valid(endpoint.params!.shape[parameter] as z.ZodType),
      ),
    );
    const search =
      given.search ?? new URLSearchParams(given.query as Record<string, string> | undefined).toString();
    return new Promise<{ status: number; errors: { pointer: string; detail: string }[] }>(
      (resolve, reject) => {
        const sending = async () => ({
          authorization,
          'idempotency-key': 'attempt',
          ...(await service.asService(caller)),
          ...given.headers,
        });
        void sending().then((headers) =>
          request(
            `${service.origin}${path}?${search}`,
            { method: method.toUpperCase(), agent, headers },
            (response) => {
              let body = '';
              response.on('data', (chunk: Buffer) => (body += chunk.toString()));
              response.on('end', () => {
                const { errors = [] } = body === '' ? {} : JSON.parse(body);
                resolve({ status: response.statusCode!, errors });
              });
            },
          )
            .on('error', reject)
            .end(),
        );
      },
    );
  }

  /** What is said about one parameter; what else is missing, as the body, is not asked for here. */
  const saidOf = async (endpoint: Endpoint, pointer: string, given: Given) => {
    const { status, errors } = await ask(endpoint, given);
    return { status, said: errors.filter((error) => error.pointer === pointer).map(({ detail }) => detail) };
  };

  it.each(endpoints.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    '%s',
    async (operationId, endpoint) => {
      for (const parameter of parametersOf(endpoint)) {
        const { place, name: field } = parameter;
        const pointer = `/${place}/${field}`;
        const isText = freeText.includes(`${operationId} ${field}`);
        const value = valid(parameter.schema);
        expect({
          pointer,
          value,
          ...(await saidOf(endpoint, pointer, { [place]: { [field]: value } })),
        }).toMatchObject({
          said: [],
        });
        const bad = opaque.includes(field) ? [tooLong] : meaningless(parameter, isText);
        for (const each of bad)
          expect({
            pointer,
            each,
            ...(await saidOf(endpoint, pointer, { [place]: { [field]: each } })),
          }).toEqual({
            pointer,
            each,
            status: 422,
            said: [expect.stringMatching(/^must /)],
          });
        if (place === 'query')
          expect(await saidOf(endpoint, pointer, { search: `${field}=${value}&${field}=${value}` })).toEqual({
            status: 422,
            said: ['must not be given more than once'],
          });
        if (place === 'headers' && ![...lists, ...opaque].includes(field))
          expect(await saidOf(endpoint, pointer, { headers: { [field]: [value, value] } })).toMatchObject({
            status: 422,
            said: [expect.stringMatching(/^must /)],
          });
      }
      if (endpoint.idempotencyKey)
        for (const each of ['', tooLong, 'a b', ['a', 'a']])
          expect({
            each,
            ...(await saidOf(endpoint, '/headers/idempotency-key', { headers: { 'idempotency-key': each } })),
          }).toMatchObject({ status: 422, said: [expect.stringMatching(/^must /)] });
      for (const unknown of ['unknown', 'constructor', 'Limit'])
        expect(await saidOf(endpoint, `/query/${unknown}`, { query: { [unknown]: '1' } })).toEqual({
          status: 422,
          said: ['is not known here'],
        });
    },
  );
});

import { z } from 'zod';
import {
  type ResponseDefinition,
  type Endpoint,
  type Endpoints,
  idempotencyKeyPattern,
  needsLiveSession,
} from './endpoint';
import { deprecationHeaders, deprecationText } from './deprecation';
import { exampleOf } from './examples';
import { headerName } from './header-names';
import { type Components, createComponents, type Json } from './openapi-components';
import { Problem, problems, type ProblemSlug, problemType } from './problem';

/** What the endpoints of a tag are about; every tag of an API must be here. */
const tagDescriptions: Readonly<Record<string, string>> = {
  admin: 'What only the shop’s staff may see of all orders',
  auth: 'Accounts, sessions and roles: who may sign in, and as what',
  notifications: 'The messages of the shop to a person',
  orders: 'Buying, and what becomes of an order',
  payments: 'Money: what was authorised, captured and given back',
  products: 'The catalog',
  profile: 'The personal data of a user, with export and erasure',
  search: 'Finding products by words, category and price',
  stock: 'How many pieces there are',
};

/** Readers of the document in a shop call that shop. */
const sameShop = [{ url: '/', description: 'The shop that serves this document' }];

/** For the document as a file. */
export const anyShop = [
  {
    url: '{origin}',
    description: 'A shop of yours, or a local one',
    // Not part of OpenAPI; required by OWASP's rules.
    'x-internal': false,
    variables: {
      origin: {
        default: 'http://localhost:3000',
        description: 'Where the shop is; `npm start` starts one at the default',
      },
    },
  },
];

/**
 * The OpenAPI 3.1 document of public APIs, generated from the same schemas that validate requests.
 * @param apis endpoints by service; internal ones are omitted @param servers default: the one that serves the document
 */
export function createOpenApi(
  apis: Readonly<Record<string, Endpoints>>,
  servers: readonly Json[] = sameShop,
): Json {
  const components = createComponents();
  const problemResponses = createProblemResponses(components);
  const all: Endpoint[] = Object.values(apis)
    .flatMap((api) => Object.values(api))
    .filter(({ access }) => access.kind !== 'service');
  const endpoints = all.filter(({ movedTo }) => movedTo === undefined);
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    const path = (paths[endpoint.path] ??= {});
    const formerPaths = all.filter(({ movedTo }) => movedTo === endpoint.operationId).map(({ path }) => path);
    path[endpoint.method] = {
      ...describeOperation(endpoint, components, problemResponses),
      ...(formerPaths.length > 0 ? { 'x-former-paths': formerPaths } : {}),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bulkhead shop API',
      version: '1',
      description:
        'Money is in minor units with an ISO 4217 code, times are RFC 3339 in UTC, ids are UUIDs, errors are RFC 9457 ' +
        'problem details with a stable `type`. Unknown fields and parameters are refused, and so are empty query parameters: ' +
        'leave out what you do not ask for.\n\n' +
        'To begin: `register` or `login` gives an access token for `Authorization: Bearer …`; `searchProducts` finds what ' +
        'there is; `placeOrder` buys it, with an `Idempotency-Key` of your own.',
      contact: { name: 'The people who run the shop' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers,
    tags: [...new Set(endpoints.map(({ tag }) => tag))].sort().map(describeTag),
    paths,
    components: {
      schemas: components.all(),
      responses: problemResponses.all(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Access token (RFC 9068) of `login`, verified as RFC8725 recommends',
        },
      },
    },
  };
}

const liveSessionText =
  'Needs a session that has not ended: an access token of one that has is refused (401), and nothing is done while that ' +
  'cannot be checked (503).';
const streamEndText =
  'Ends when the access token expires, or about 10 s after the session ended; open it again with a new token.';

function describeTag(name: string): Json {
  const description = tagDescriptions[name];
  if (description === undefined) throw new Error(`the tag ${name} has no description`);
  return { name, description };
}

function describeOperation(
  endpoint: Endpoint,
  components: Components,
  problemResponses: ProblemResponses,
): Json {
  const { access } = endpoint;
  const guarded = access.kind === 'user' || access.kind === 'role';
  // Roles may stand here for any scheme (OpenAPI 3.1, Security Requirement Object).
  const roles = access.kind === 'role' ? [access.role] : [];
  const parameters = [
    ...parametersOf('path', endpoint.params, components),
    ...parametersOf('query', endpoint.query, components),
    ...parametersOf('header', endpoint.headers, components).map((parameter) =>
      parameter['name'] === 'If-Match' && endpoint.problems?.includes('precondition-required')
        ? { ...parameter, required: true }
        : parameter,
    ),
    ...idempotencyParameter(endpoint),
  ];
  const description = [
    access.kind === 'role' ? `Needs the role ${access.role}.` : '',
    deprecationText(endpoint),
    endpoint.description ?? '',
    needsLiveSession(endpoint) ? liveSessionText : '',
    endpoint.stream && guarded ? streamEndText : '',
  ]
    .filter(Boolean)
    .join(' ');
  return {
    operationId: endpoint.operationId,
    summary: endpoint.summary,
    ...(description ? { description } : {}),
    tags: [endpoint.tag],
    ...(endpoint.deprecated
      ? {
          deprecated: true,
          ...(endpoint.deprecated.sunset ? { 'x-sunset': endpoint.deprecated.sunset } : {}),
        }
      : {}),
    security: guarded ? [{ bearer: roles }] : [],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBodyOf(endpoint, components),
    responses: { ...responsesOf(endpoint, components), ...problemsOf(endpoint, problemResponses) },
  };
}

function parametersOf(
  place: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
  components: Components,
): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, examples, ...schema } = components.schemaOf(field as z.ZodType, 'parameter');
    const schemas = components.all();
    return {
      name: place === 'header' ? headerName(name) : name,
      in: place,
      required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      description: description ?? descriptionOf(schema, schemas),
      schema,
      example: exampleOf({ ...schema, ...(examples ? { examples } : {}) }, schemas, name),
    };
  });
}

/** The description of the named schema that a parameter refers to. */
const descriptionOf = ({ $ref }: Json, schemas: Readonly<Record<string, Json>>): unknown =>
  typeof $ref === 'string' ? schemas[$ref.split('/').at(-1)!]?.['description'] : undefined;

const idempotencyParameter = ({ idempotencyKey }: Endpoint): Json[] =>
  idempotencyKey
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: idempotencyKey === 'required',
          description: 'Identifies this operation: repeating it returns the same response. Kept for 24 h.',
          schema: { type: 'string', pattern: idempotencyKeyPattern.source },
          example: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a',
        },
      ]
    : [];

function requestBodyOf(endpoint: Endpoint, components: Components): Json {
  if (endpoint.rawBody)
    return {
      requestBody: {
        required: true,
        description: 'Whatever the provider sends, as it signed it',
        content: { 'application/json': { schema: {}, example: { type: 'charge.updated' } } },
      },
    };
  const { body } = endpoint;
  if (!body) return {};
  const { id, description = id ?? `What \`${endpoint.operationId}\` takes` } = body.meta() ?? {};
  const closed = body instanceof z.ZodObject ? body.strict().meta({ description }) : body;
  const schema = components.schemaOf(closed, 'input', nameOfBody(endpoint));
  return {
    requestBody: {
      required: !body.safeParse(undefined).success,
      description,
      content: {
        'application/json': { schema, example: exampleOf(schema, components.all(), endpoint.operationId) },
      },
    },
  };
}

/** Bodies shared by several operations have a name of their own; others use their operation's. */
const nameOfBody = ({ body, operationId }: Endpoint): string =>
  body?.meta()?.id ?? `${operationId[0]!.toUpperCase()}${operationId.slice(1)}`;

const aboutHeader: Readonly<Record<string, string>> = {
  deprecation: 'since when it should no longer be used (RFC 9745)',
  sunset: 'from when it may be gone (RFC 8594)',
  link: 'what takes its place',
};

function responsesOf(endpoint: Endpoint, components: Components): Json {
  const { responses } = endpoint;
  const notes = Object.keys(deprecationHeaders(endpoint) ?? {}).map((name) => [
    name,
    { description: aboutHeader[name]! },
  ]);
  const answers: Json = {};
  for (const [status, { description, schema, contentType, events, ...answer }] of Object.entries(responses)) {
    const headers =
      answer.headers || notes.length > 0
        ? { ...answer.headers, ...(Object.fromEntries(notes) as NonNullable<ResponseDefinition['headers']>) }
        : undefined;
    answers[status] = {
      description,
      ...(headers
        ? {
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, header]) => [
                headerName(name),
                { ...header, schema: name === 'retry-after' ? seconds : { type: 'string' } },
              ]),
            ),
          }
        : {}),
      ...(schema
        ? {
            content: {
              [contentType ?? 'application/json']: bodyOf(components.schemaOf(schema, 'output'), components),
            },
          }
        : contentType
          ? { content: { [contentType]: { schema: { type: 'string' }, ...eventsOf(events, components) } } }
          : {}),
    };
  }
  return answers;
}

const seconds = { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 };

const bodyOf = (schema: Json, components: Components): Json => ({
  schema,
  example: exampleOf(schema, components.all(), ''),
});

/**
 * The events of a stream. `x-itemSchema` is the `itemSchema` of OpenAPI 3.2: the schema of each event, with its `data`
 * as the string that is sent.
 */
function eventsOf(events: ResponseDefinition['events'], components: Components): Json {
  if (!events) return {};
  const lines: string[] = [];
  const items = Object.entries(events).map(([event, { id, description, data }]) => {
    const schema = components.schemaOf(data, 'output');
    lines.push(
      `event: ${event}`,
      `id: ${id}`,
      `data: ${JSON.stringify(exampleOf(schema, components.all(), event))}`,
      '',
    );
    return {
      type: 'object',
      description,
      properties: {
        event: { const: event },
        id: { type: 'string', description: 'for Last-Event-ID', examples: [id] },
        data: { type: 'string', contentMediaType: 'application/json', contentSchema: schema },
      },
      required: ['event', 'id', 'data'],
    };
  });
  return { example: `${lines.join('\n')}\n`, 'x-itemSchema': { oneOf: items } };
}

/** The problems of every endpoint of a kind; the slugs of `problems` are added. */
function generalProblems({ access, body, rawBody, idempotencyKey }: Endpoint): ProblemSlug[] {
  return [
    'malformed-request',
    ...(access.kind === 'user' || access.kind === 'role'
      ? (['unauthenticated', 'invalid-token'] as const)
      : []),
    ...(access.kind === 'role' ? (['forbidden'] as const) : []),
    ...(body !== undefined || rawBody ? (['request-timeout', 'content-too-large'] as const) : []),
    ...(body !== undefined ? (['unsupported-media-type'] as const) : []),
    'invalid-request',
    'rate-limited',
    'headers-too-large',
    'internal',
    'unavailable',
    'overloaded',
    'deadline-exceeded',
    ...(idempotencyKey === 'required' ? (['idempotency-key-required'] as const) : []),
  ];
}

function problemsOf(endpoint: Endpoint, answers: ProblemResponses): Json {
  const byStatus = new Map<number, Set<ProblemSlug>>();
  for (const slug of [...generalProblems(endpoint), ...(endpoint.problems ?? [])]) {
    const { status } = problems[slug];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(slug));
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, slugs]) => [status, answers.of(status, [...slugs], endpoint.problemSchemas ?? {})]),
  );
}

/** Problem responses, each set of them described once among the components. */
type ProblemSchemas = NonNullable<Endpoint['problemSchemas']>;

interface ProblemResponses {
  of(status: number, slugs: readonly ProblemSlug[], schemas: ProblemSchemas): Json;
  all(): Record<string, Json>;
}

const statusesWithRetryAfter: readonly number[] = [429, 503];

function createProblemResponses(components: Components): ProblemResponses {
  const schema = components.schemaOf(Problem, 'output');
  const answers = new Map<string, Json>();
  const exampleOfProblem = (slug: ProblemSlug, special: z.ZodType | undefined) => {
    const { errors, ...example } = exampleOf(
      special ? components.schemaOf(special, 'output') : schema,
      components.all(),
      '',
    ) as Json;
    const { status, title } = problems[slug];
    return {
      ...example,
      type: problemType(slug),
      title,
      status,
      detail: title,
      ...(slug === 'invalid-request' ? { errors } : {}),
    };
  };
  return {
    of(status, slugs, schemas) {
      const special = slugs.flatMap((slug) => schemas[slug] ?? []);
      const references = special.map((each) => components.schemaOf(each, 'output'));
      const names = special.map((each) => each.meta()?.id ?? '');
      // Those with additional members first: they are valid as a Problem too.
      const choices = special.length < slugs.length ? [...references, schema] : references;
      const name = [status, ...[...slugs].sort(), ...names].join('-');
      answers.set(name, {
        description: slugs.map((slug) => `\`${slug}\`: ${problems[slug].title}`).join('; '),
        ...(statusesWithRetryAfter.includes(status)
          ? {
              headers: {
                'Retry-After': {
                  description: 'seconds after which to try again',
                  schema: seconds,
                  example: 1,
                },
              },
            }
          : {}),
        content: {
          'application/problem+json': {
            schema: choices.length === 1 ? choices[0] : { anyOf: choices },
            examples: Object.fromEntries(
              slugs.map((slug) => [slug, { value: exampleOfProblem(slug, schemas[slug]) }]),
            ),
          },
        },
      });
      return { $ref: `#/components/responses/${name}` };
    },
    all: () => Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

import { z } from 'zod';
import { type Endpoint, type Endpoints, idempotencyKeyPattern, needsLiveSession } from './endpoint';
import { type Components, createComponents, type Json } from './openapi-components';
import { Problem, problems, type ProblemSlug } from './problem';

/** What the endpoints of a tag are about; every tag of an API must be here. */
const tagDescriptions: Readonly<Record<string, string>> = {
  admin: 'What only the shop’s staff may see of all orders',
  auth: 'Accounts, sessions and roles: who may sign in, and as what',
  notifications: 'The messages of the shop to a person',
  orders: 'Buying, and what becomes of an order',
  payments: 'Money: what was authorised, captured and given back',
  products: 'The catalog',
  profile: 'What a person tells about themselves, and its export and erasure',
  search: 'Finding products by words, category and price',
  stock: 'How many pieces there are',
};

/**
 * The OpenAPI 3.1 document of public APIs, made from the very schemas that validate.
 * @param apis endpoints by service; internal ones are left out
 */
export function createOpenApi(apis: Readonly<Record<string, Endpoints>>): Json {
  const components = createComponents();
  const problemAnswers = createProblemAnswers(components);
  const endpoints = Object.values(apis)
    .flatMap((api) => Object.values(api))
    .filter(({ access }) => access.kind !== 'service');
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    const path = (paths[endpoint.path] ??= {});
    path[endpoint.method] = describeOperation(endpoint, components, problemAnswers);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bulkhead shop API',
      version: '1',
      description:
        'Money is in minor units with an ISO 4217 code, times are RFC 3339 in UTC, ids are UUIDs, errors are RFC 9457 ' +
        'problem details with a stable `type`. Unknown fields and parameters are refused, and so are empty query parameters: ' +
        'leave out what you do not ask for.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].sort().map(describeTag),
    paths,
    components: {
      schemas: components.all(),
      responses: problemAnswers.all(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Access token of auth/login',
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

function describeOperation(endpoint: Endpoint, components: Components, problemAnswers: ProblemAnswers): Json {
  const { access } = endpoint;
  const guarded = access.kind === 'user' || access.kind === 'role';
  // Roles may stand here for any scheme (OpenAPI 3.1, Security Requirement Object).
  const roles = access.kind === 'role' ? [access.role] : [];
  const parameters = [
    ...parametersOf('path', endpoint.params, components),
    ...parametersOf('query', endpoint.query, components),
    ...parametersOf('header', endpoint.headers, components).map((parameter) =>
      parameter['name'] === 'if-match' && endpoint.problems?.includes('precondition-required')
        ? { ...parameter, required: true }
        : parameter,
    ),
    ...idempotencyParameter(endpoint),
  ];
  const description = [
    access.kind === 'role' ? `Needs the role ${access.role}.` : '',
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
    ...(guarded ? { security: [{ bearer: roles }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBodyOf(endpoint, components),
    responses: { ...answersOf(endpoint, components), ...problemsOf(endpoint, problemAnswers) },
  };
}

function parametersOf(
  place: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
  components: Components,
): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = components.schemaOf(field as z.ZodType, 'parameter') as {
      description?: string;
    };
    return {
      name,
      in: place,
      required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

const idempotencyParameter = ({ idempotencyKey }: Endpoint): Json[] =>
  idempotencyKey
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: idempotencyKey === 'required',
          description: 'Names this attempt: repeating it gives the same answer once more. Kept for 24 h.',
          schema: { type: 'string', pattern: idempotencyKeyPattern.source },
        },
      ]
    : [];

function requestBodyOf(endpoint: Endpoint, components: Components): Json {
  if (endpoint.rawBody)
    return { requestBody: { required: true, content: { 'application/json': { schema: {} } } } };
  const { body } = endpoint;
  if (!body) return {};
  const closed = body instanceof z.ZodObject ? body.strict() : body;
  return {
    requestBody: {
      required: !body.safeParse(undefined).success,
      content: { 'application/json': { schema: components.schemaOf(closed, 'input') } },
    },
  };
}

function answersOf({ responses }: Endpoint, components: Components): Json {
  const answers: Json = {};
  for (const [status, { description, schema, contentType, headers }] of Object.entries(responses)) {
    answers[status] = {
      description,
      ...(headers
        ? {
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, header]) => [
                name,
                { ...header, schema: { type: 'string' } },
              ]),
            ),
          }
        : {}),
      ...(schema
        ? {
            content: {
              [contentType ?? 'application/json']: { schema: components.schemaOf(schema, 'output') },
            },
          }
        : contentType
          ? { content: { [contentType]: { schema: { type: 'string' } } } }
          : {}),
    };
  }
  return answers;
}

/** What every endpoint of a kind can answer; the slugs of `problems` come on top. */
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

function problemsOf(endpoint: Endpoint, answers: ProblemAnswers): Json {
  const byStatus = new Map<number, Set<ProblemSlug>>();
  for (const slug of [...generalProblems(endpoint), ...(endpoint.problems ?? [])]) {
    const { status } = problems[slug];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(slug));
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, slugs]) => [status, answers.of(status, [...slugs])]),
  );
}

/** Answers with problems, each set of them described once among the components. */
interface ProblemAnswers {
  of(status: number, slugs: readonly ProblemSlug[]): Json;
  all(): Record<string, Json>;
}

const statusesWithRetryAfter: readonly number[] = [429, 503];

function createProblemAnswers(components: Components): ProblemAnswers {
  const schema = components.schemaOf(Problem, 'output');
  const answers = new Map<string, Json>();
  return {
    of(status, slugs) {
      const name = [status, ...[...slugs].sort()].join('-');
      answers.set(name, {
        description: slugs.map((slug) => `\`${slug}\`: ${problems[slug].title}`).join('; '),
        ...(statusesWithRetryAfter.includes(status)
          ? {
              headers: {
                'retry-after': {
                  description: 'seconds after which to try again',
                  schema: { type: 'string', pattern: '^[0-9]+$' },
                },
              },
            }
          : {}),
        content: { 'application/problem+json': { schema } },
      });
      return { $ref: `#/components/responses/${name}` };
    },
    all: () => Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

import { z } from 'zod';
import type { Endpoint, Endpoints } from './endpoint';
import { Problem, problems, type ProblemSlug } from './problem';

type Json = { [key: string]: unknown };

/**
 * The OpenAPI 3.1 document of public APIs, made from the very schemas that validate.
 * @param apis endpoints by service; internal ones are left out
 */
export function createOpenApi(apis: Readonly<Record<string, Endpoints>>): Json {
  const components = createComponents();
  const paths: Record<string, Json> = {};
  for (const endpoint of Object.values(apis).flatMap((api) => Object.values(api))) {
    if (endpoint.access.kind === 'service') continue;
    const path = (paths[endpoint.path] ??= {});
    path[endpoint.method] = describeOperation(endpoint, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bulkhead shop API',
      version: '1',
      description:
        'Money is in minor units with an ISO 4217 code, times are RFC 3339 in UTC, ids are UUIDs, errors are RFC 9457 ' +
        'problem details with a stable `type`. Unknown fields and parameters are refused.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(apis).flatMap((api) => Object.values(api).map(({ tag }) => tag)))]
      .sort()
      .map((name) => ({ name })),
    paths,
    components: {
      schemas: components.all(),
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

function describeOperation(endpoint: Endpoint, components: Components): Json {
  const { access } = endpoint;
  const guarded = access.kind === 'user' || access.kind === 'role';
  const parameters = [
    ...parametersOf('path', endpoint.params, components),
    ...parametersOf('query', endpoint.query, components),
    ...parametersOf('header', endpoint.headers, components),
    ...idempotencyParameter(endpoint),
  ];
  const role = access.kind === 'role' ? `Needs the role ${access.role}. ` : '';
  const description = role + (endpoint.description ?? '');
  return {
    operationId: endpoint.operationId,
    summary: endpoint.summary,
    ...(description ? { description } : {}),
    tags: [endpoint.tag],
    ...(guarded ? { security: [{ bearer: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBodyOf(endpoint, components),
    responses: { ...answersOf(endpoint, components), ...problemsOf(endpoint, components) },
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
          schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!#-~]+$' },
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

function problemsOf(endpoint: Endpoint, components: Components): Json {
  const schema = components.schemaOf(Problem, 'output');
  const byStatus = new Map<number, Set<ProblemSlug>>();
  for (const slug of [...generalProblems(endpoint), ...(endpoint.problems ?? [])]) {
    const { status } = problems[slug];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(slug));
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, slugs]) => [
        status,
        {
          description: [...slugs].map((slug) => `\`${slug}\`: ${problems[slug].title}`).join('; '),
          content: { 'application/problem+json': { schema } },
        },
      ]),
  );
}

type Side = 'input' | 'output' | 'parameter';

interface Components {
  /** The JSON Schema of a part, with its named parts moved to the components. */
  schemaOf(schema: z.ZodType, side: Side): Json;
  all(): Json;
}

/**
 * Requests are closed and answers are open: a client must be able to read answers with fields added later. So a named
 * schema that is used on both sides and differs becomes two components, the request's with the suffix `Input`.
 */
function createComponents(): Components {
  const named = new Map<string, string>();

  const name = (id: string, definition: Json, side: Side): string => {
    const text = JSON.stringify(definition);
    for (const candidate of side === 'input' ? [`${id}Input`, id] : [id, `${id}Output`]) {
      const known = named.get(candidate);
      if (known === undefined || known === text) {
        named.set(candidate, text);
        return candidate;
      }
    }
    throw new Error(`two schemas have the id ${id}`);
  };

  return {
    schemaOf(schema, side) {
      const { $schema, $defs, ...root } = z.toJSONSchema(schema, {
        target: 'draft-2020-12',
        io: side === 'input' ? 'input' : 'output',
        unrepresentable: 'any',
        override: ({ jsonSchema }) => {
          if (side === 'output' && jsonSchema.additionalProperties === false)
            delete jsonSchema.additionalProperties;
        },
      }) as Json & { $schema?: string; $defs?: Record<string, Json> };
      void $schema;
      const names = new Map<string, string>();
      const definitions = Object.entries($defs ?? {});
      // Innermost first, so that references are renamed before a definition is compared.
      definitions.reverse();
      for (const [id] of definitions) names.set(id, id);
      const rewrite = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(rewrite);
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(
          Object.entries(value)
            .filter(([key, inner]) => !(key === 'id' && typeof inner === 'string'))
            .map(([key, inner]) =>
              key === '$ref' && typeof inner === 'string'
                ? [key, `#/components/schemas/${names.get(inner.replace('#/$defs/', '')) ?? inner}`]
                : [key, rewrite(inner)],
            ),
        );
      };
      for (const [id, definition] of definitions) names.set(id, name(id, rewrite(definition) as Json, side));
      const id = typeof root['id'] === 'string' ? root['id'] : undefined;
      const rewritten = rewrite(root) as Json;
      return id ? { $ref: `#/components/schemas/${name(id, rewritten, side)}` } : rewritten;
    },
    all: () =>
      Object.fromEntries(
        [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => [id, JSON.parse(text) as Json]),
      ),
  };
}

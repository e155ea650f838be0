import type { Json } from '../openapi-components';
import { anchor, boundsOf, fieldsOf, table, typeOf } from './markdown';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly Json[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: unknown }> };
  readonly responses: Record<string, Json>;
}

interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json>; readonly responses: Record<string, Json> };
}

/** The API reference in Markdown, generated from the OpenAPI document that a shop serves. */
export function createApiReference(openApi: Json): string {
  const document = openApi as unknown as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      place: `${method.toUpperCase()} ${path}`,
    })),
  );
  const sections = document.tags.map(({ name, description }) =>
    [
      `## ${name}\n\n${description}.\n`,
      ...operations
        .filter(({ tags }) => tags.includes(name))
        .map((each) => describeOperation(each, document)),
    ].join('\n'),
  );
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    [
      `### ${name}\n`,
      typeof schema['description'] === 'string' ? `${schema['description']}\n` : '',
      extendsText(schema),
      fieldsOf(ownPart(schema)) || `${typeOf(schema)}\n`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
  const contents = operations.map(({ place, summary, operationId }) => [
    `[\`${place}\`](#${anchor(operationId)})`,
    summary,
  ]);
  return [
    `# ${document.info.title}\n`,
    'Made from the OpenAPI document that every shop serves at `/api/v1/openapi.json` by `npm run contracts`.\n',
    `${document.info.description}\n`,
    table(['operation', ''], contents),
    ...sections,
    '## Types\n',
    ...schemas,
  ].join('\n');
}

function describeOperation(operation: Operation & { place: string }, document: Document): string {
  const { operationId, place, summary, description, parameters = [], requestBody, responses } = operation;
  return [
    `### ${operationId}\n\n\`${place}\` — ${summary}\n`,
    `${accessOf(operation)}${description ? ` ${description.replace(/^Needs the role \w+\. ?/, '')}` : ''}\n`,
    table(
      ['parameter', 'in', 'type', 'needed', ''],
      parameters.map(({ name, in: place, schema, required, description: text }) => [
        `\`${String(name)}\``,
        place,
        typeOf(schema),
        required ? 'yes' : 'no',
        [text, boundsOf(schema)].filter(Boolean).join('; '),
      ]),
    ),
    ...Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => {
      const fields = fieldsOf(schema);
      return fields ? `Body, \`${type}\`:\n\n${fields}` : `Body, \`${type}\`: ${typeOf(schema)}\n`;
    }),
    table(
      ['response', '', 'body'],
      Object.entries(responses).map(([status, response]) => describeAnswer(status, response, document)),
    ),
  ]
    .filter(Boolean)
    .join('\n');
}

/** The fields that a schema adds to the one it extends, or all of them. */
const ownPart = (schema: Json): Json => (schema['allOf'] as [Json, Json] | undefined)?.[1] ?? schema;

const extendsText = ({ allOf }: Json): string =>
  Array.isArray(allOf) ? `All fields of ${typeOf(allOf[0])}, and:\n` : '';

const accessOf = ({ security }: Operation): string => {
  const roles = security.flatMap((scheme) => Object.values(scheme).flat());
  if (security.length === 0) return 'For anyone.';
  return roles.length > 0 ? `For the role ${roles.join(', ')}.` : 'For signed-in users.';
};

function describeAnswer(status: string, response: Json, document: Document): string[] {
  const { $ref } = response;
  const resolved = (
    typeof $ref === 'string' ? document.components.responses[$ref.split('/').at(-1)!]! : response
  ) as {
    description: string;
    content?: Record<string, { schema: unknown }>;
  };
  const [type, media] = Object.entries(resolved.content ?? {})[0] ?? [];
  const body = type === undefined ? '' : /json/.test(type) ? typeOf(media!.schema) : `\`${type}\``;
  return [status, resolved.description, body];
}

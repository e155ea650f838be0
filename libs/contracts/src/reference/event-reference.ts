import type { Json } from '../openapi-components';
import { anchor, fieldsOf, table, typeOf } from './markdown';

interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly channels: Record<string, { readonly address: string; readonly description: string }>;
  readonly operations: Record<
    string,
    { readonly action: string; readonly channel: { readonly $ref: string } }
  >;
  readonly components: {
    readonly messages: Record<string, { readonly payload: { readonly schema: { readonly $ref: string } } }>;
    readonly schemas: Record<string, Json>;
  };
}

/** The event reference in Markdown, generated from the AsyncAPI document. */
export function createEventReference(asyncApi: Json): string {
  const document = asyncApi as unknown as Document;
  const types = Object.keys(document.channels);
  const who = (type: string, action: string, verb: string) =>
    Object.entries(document.operations)
      .filter(
        ([, operation]) => operation.action === action && operation.channel.$ref === `#/channels/${type}`,
      )
      .map(([name]) => name.split(`.${verb}.`)[0]!);
  const envelope = document.components.schemas['CloudEvent'] as { readonly properties: Json };
  const { data: _, ...attributes } = envelope.properties;
  return [
    `# ${document.info.title}\n`,
    'Made from the AsyncAPI document, [`asyncapi.snapshot.json`](../libs/contracts/asyncapi.snapshot.json), by `npm run contracts`.\n',
    `${document.info.description}\n`,
    table(
      ['event', 'published by', 'consumed by'],
      types.map((type) => [
        `[\`${type}\`](#${anchor(type)})`,
        who(type, 'send', 'sends').join(', '),
        who(type, 'receive', 'hears')
          .map((group) => `\`${group}\``)
          .join(', ') || '—',
      ]),
    ),
    '## Envelope\n',
    'Every event has these attributes of CloudEvents; its own fields are in `data`.\n',
    fieldsOf({ ...envelope, properties: attributes }),
    ...types.map((type) => {
      const name = document.components.messages[type]!.payload.schema.$ref.split('/').at(-1)!;
      const data = document.components.schemas[`${name}Data`];
      return `## ${type}\n\n${document.channels[type]!.description}\n\n${fieldsOf(data)}`;
    }),
    '## Types\n',
    ...Object.entries(document.components.schemas)
      .filter(([name]) => !isOfEvent(name))
      .map(([name, schema]) => `### ${name}\n\n${fieldsOf(schema) || `${typeOf(schema)}\n`}`),
  ].join('\n');
}

const isOfEvent = (name: string): boolean => name === 'CloudEvent' || /V\d+(Data)?$/.test(name);

import type { Json } from '../openapi-components';
import { anchor, fieldsOf, table } from './markdown';

interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly channels: Record<string, { readonly address: string; readonly description: string }>;
  readonly operations: Record<
    string,
    { readonly action: string; readonly channel: { readonly $ref: string } }
  >;
  readonly components: {
    readonly messages: Record<
      string,
      { readonly payload: { readonly schema: { readonly properties: Json } } }
    >;
  };
}

/** The event reference in Markdown, made from the AsyncAPI document. */
export function createEventReference(asyncApi: Json): string {
  const document = asyncApi as unknown as Document;
  const types = Object.keys(document.channels);
  const who = (type: string, action: string, verb: string) =>
    Object.entries(document.operations)
      .filter(
        ([, operation]) => operation.action === action && operation.channel.$ref === `#/channels/${type}`,
      )
      .map(([name]) => name.split(`.${verb}.`)[0]!);
  const envelope = Object.values(document.components.messages)[0]!.payload.schema;
  const { data: _, ...attributes } = envelope.properties;
  return [
    `# ${document.info.title}\n`,
    'Made from the AsyncAPI document, [`asyncapi.snapshot.json`](../libs/contracts/asyncapi.snapshot.json), by `npm run contracts`.\n',
    `${document.info.description}\n`,
    table(
      ['event', 'sent by', 'heard by'],
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
    fieldsOf({ ...envelope, properties: attributes }).replaceAll(JSON.stringify(types[0]), 'the event type'),
    ...types.map((type) => {
      const { data } = document.components.messages[type]!.payload.schema.properties;
      return `## ${type}\n\n${document.channels[type]!.description}\n\n${fieldsOf(data)}`;
    }),
  ].join('\n');
}

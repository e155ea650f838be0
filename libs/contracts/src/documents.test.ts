import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import asyncApiSpecs from '@asyncapi/specs';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { publicApis } from './apis';
import { createAsyncApi } from './asyncapi';
import { findBreakingEventChanges, messagesOf } from './compatibility/asyncapi';
import { findBreakingApiChanges } from './compatibility/openapi';
import { generatedFiles } from './documents';
import { CloudEvent } from './event';
import { events } from './events';
import { anyShop, createOpenApi } from './openapi';
import type { Json } from './openapi-components';
import { subscriptions } from './subscriptions';
import { valuesOf } from './testing/values-of';

const root = path.join(__dirname, '../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const openApi = createOpenApi(publicApis, anyShop);
const asyncApi = createAsyncApi(events, Object.values(subscriptions));
const promisedApi = JSON.parse(read('libs/contracts/openapi.snapshot.json')) as Json;
const promisedEvents = JSON.parse(read('libs/contracts/asyncapi.snapshot.json')) as Json;

describe('what was promised still holds:', () => {
  it('nothing in the API has changed that breaks its clients', () => {
    expect(findBreakingApiChanges(promisedApi, openApi)).toEqual([]);
  });

  it('nothing in the events has changed that breaks their readers', () => {
    expect(findBreakingEventChanges(promisedEvents, asyncApi)).toEqual([]);
  });

  it.each(generatedFiles().map(({ path: file, content }) => ({ file, content })))(
    '$file is what the contracts say (npm run contracts writes it)',
    ({ file, content }) => {
      expect(read(file) === content).toBe(true);
    },
  );
});

describe('the documents', () => {
  it('are valid OpenAPI 3.1', async () => {
    const validator = path.join(
      root,
      'node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js',
    );
    const file = path.join(root, 'libs/contracts/openapi.snapshot.json');
    const { stdout } = await promisify(execFile)(process.execPath, [validator, file]);
    expect(stdout).not.toMatch(/error/i);
  });

  it('are valid AsyncAPI 3.1', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(asyncApiSpecs.schemasWithoutId['3.1.0'] as object);
    validate(asyncApi);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...asyncApi, asyncapi: '1.0' })).toBe(false);
  });

  it('have patterns that every language can read: without halves of characters', () => {
    const patterns = (document: Json) =>
      [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
        ([, text]) => JSON.parse(text!) as string,
      );
    const all = [...patterns(openApi), ...patterns(asyncApi)];
    expect(all.length).toBeGreaterThan(30);
    for (const pattern of all) {
      expect(() => new RegExp(pattern, 'u')).not.toThrow();
      expect(pattern).not.toMatch(/\\u[dD][89a-fA-F]|[\ud800-\udfff]/);
    }
  });

  it('name in AsyncAPI every service that sends or receives an event', () => {
    const operations = Object.keys(asyncApi['operations'] as Json);
    const heard = Object.values(subscriptions).flatMap(({ events: types }) => types.length);
    expect(operations).toHaveLength(events.size + heard.reduce((sum, count) => sum + count, 0));
    expect(operations).toContain('notification.orders.hears.order.confirmed.v1');
  });
});

describe('for code generators, the events', () => {
  const { schemas, messages } = asyncApi['components'] as Record<string, Record<string, any>>;

  it('have names: every message, every payload and every object in one', () => {
    const anonymous = (value: any, at: string): string[] => {
      if (typeof value !== 'object' || value === null) return [];
      const isNamed = typeof value.title === 'string' || /allOf\/1$/.test(at);
      return [
        ...((value.properties || value.enum) && !isNamed ? [at] : []),
        ...Object.entries(value).flatMap(([key, inner]) => anonymous(inner, `${at}/${key}`)),
      ];
    };
    expect(Object.entries(schemas!).flatMap(([name, schema]) => anonymous(schema, name))).toEqual([]);
    for (const { title, payload } of Object.values(messages!))
      expect(payload.schema).toEqual({ $ref: `#/components/schemas/${title}` });
  });

  it('share one envelope', () => {
    for (const { title } of Object.values(messages!)) {
      const [envelope, own] = schemas![title].allOf;
      expect(envelope).toEqual({ $ref: '#/components/schemas/CloudEvent' });
      expect(Object.keys(own.properties).sort()).toEqual(['data', 'source', 'type']);
    }
  });

  it('have an example each, which their consumers read', () => {
    for (const [type, { examples }] of Object.entries(messages!)) {
      const event = CloudEvent.parse(examples[0].payload);
      expect(event.type).toBe(type);
      expect(events.get(type)!.data.safeParse(event.data)).toMatchObject({ success: true });
    }
  });

  it('come from a server that is named', () => {
    expect(asyncApi['servers']).toMatchObject({ broker: { protocol: 'amqp', host: '{host}' } });
  });
});

describe('consumers and events of different releases', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'promised', components: promisedEvents['components'] });
  const readersOfBefore = new Map(
    [...messagesOf(promisedEvents)].map(([type, schema]) => [
      type,
      ajv.compile(
        JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"promised#/components')) as Json,
      ),
    ]),
  );

  it.each([...messagesOf(promisedEvents).keys()])(
    '%s: consumers of before read the events of now',
    (type) => {
      const reads = readersOfBefore.get(type)!;
      fc.assert(
        fc.property(valuesOf(messagesOf(asyncApi).get(type), asyncApi), (event) => {
          expect({ event, errors: reads(event) ? [] : reads.errors }).toEqual({ event, errors: [] });
        }),
        { numRuns: 25 },
      );
    },
  );

  it.each([...messagesOf(promisedEvents).keys()])(
    '%s: consumers of now read the events of before',
    (type) => {
      fc.assert(
        fc.property(valuesOf(messagesOf(promisedEvents).get(type), promisedEvents), (event) => {
          const envelope = CloudEvent.parse(event);
          expect(events.get(type)?.data.safeParse(envelope.data)).toMatchObject({ success: true });
        }),
        { numRuns: 25 },
      );
    },
  );

  it('do not mind fields that are not known yet', () => {
    for (const [type, schema] of messagesOf(asyncApi)) {
      const [event] = fc.sample(valuesOf(schema, asyncApi), { numRuns: 1, seed: 1 }) as [{ data: object }];
      const later = { ...event, invented: 1, data: { ...event.data, invented: { deeply: true } } };
      expect(readersOfBefore.get(type)!(later)).toBe(true);
      expect(events.get(type)!.data.safeParse(CloudEvent.parse(later).data).success).toBe(true);
    }
  });
});

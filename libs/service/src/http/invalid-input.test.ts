import { internalApis, publicApis } from '@bulkhead/contracts/apis';
import { defineEndpoint, type Endpoint } from '@bulkhead/contracts/endpoint';
import { z } from 'zod';
import type { ProblemError } from '../errors';
import { sentenceFor } from './invalid-input';
import { compileValidation, type RawRequest, type Validate } from './validate';

/** What is said of a value, by the kind of issue that zod has with it. */
const sentences: Record<z.core.$ZodIssueCode, readonly (readonly [z.ZodType, unknown, string])[]> = {
  invalid_type: [
    [z.string(), undefined, 'is required'],
    [z.string(), 5, 'must be a string'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.int(), 'x', 'must be a whole number'],
    [z.number(), 'x', 'must be a number'],
    [z.boolean(), 'true', 'must be true or false'],
    [z.object({}), [], 'must be an object'],
    [z.record(z.string(), z.string()), 1, 'must be an object'],
    [z.array(z.string()), {}, 'must be an array'],
    [z.null(), 1, 'must be null'],
  ],
  too_small: [
    [z.int().min(1), 0, 'must be at least 1'],
    [z.number().gt(1), 1, 'must be more than 1'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(2), 'x', 'must have at least 2 characters'],
    [z.array(z.string()).min(1), [], 'must not be empty'],
    [z.array(z.string()).length(3), [], 'must have exactly 3 items'],
  ],
  too_big: [
    [z.int().max(99), 100, 'must be at most 99'],
    // The validator's own limit is an internal detail.
    [z.int().max(99), 2 ** 53, 'must be at most 99'],
    [z.int().min(-99), -(2 ** 53), 'must be at least -99'],
    [z.int(), 2 ** 53, 'must be at most 9007199254740991'],
    [z.number().lt(1), 1, 'must be less than 1'],
    [z.string().max(2), 'xxx', 'must have at most 2 characters'],
    [z.array(z.string()).max(1), ['x', 'y'], 'must have at most 1 item'],
  ],
  invalid_format: [
    [z.uuid(), 'x', 'must be a UUID'],
    [z.iso.datetime(), 'x', 'must be a date and time in UTC, such as 2026-01-31T12:00:00Z'],
    [z.string().regex(/^a$/, 'must be an a'), 'x', 'must be an a'],
    [z.string().regex(/^a$/), 'x', 'must be in another form'],
  ],
  invalid_value: [
    [z.enum(['a', 'b']), 'x', 'must be one of a, b'],
    [z.literal(true), false, 'must be true'],
    [z.enum(['a', 'b']), undefined, 'is required'],
  ],
  not_multiple_of: [[z.int().multipleOf(5), 7, 'must be a multiple of 5']],
  unrecognized_keys: [[z.strictObject({}), { x: 1 }, 'is not known here']],
  invalid_union: [[z.union([z.int(), z.boolean()]), 'x', 'has none of the forms that are allowed here']],
  invalid_key: [[z.record(z.string().max(1), z.int()), { xx: 1 }, 'has a name that is not allowed']],
  invalid_element: [[z.map(z.string(), z.int()), new Map([['x', 'y']]), 'must be a whole number']],
  custom: [[z.string().refine(() => false), 'x', 'is not valid']],
};

const endpointWith = (body: z.ZodType) =>
  defineEndpoint({
    operationId: 'try',
    method: 'post',
    path: '/try',
    summary: 'test',
    tag: 'test',
    access: { kind: 'public' },
    priority: 'buy',
    body,
    responses: {},
  });

const findings = (validate: Validate, raw: Partial<RawRequest>) => {
  try {
    validate({ params: {}, query: {}, headers: {}, body: undefined, ...raw });
  } catch (error) {
    return (error as ProblemError).details.errors ?? [];
  }
  return [];
};

describe.each(Object.entries(sentences))('%s', (_code, cases) => {
  test.each(cases.map(([schema, value, sentence]) => ({ schema, value, sentence })))(
    'is told as “$sentence” of $value',
    ({ schema, value, sentence }) => {
      const said = findings(compileValidation(endpointWith(z.object({ field: schema }))), {
        body: { field: value },
      });
      expect(said.map(({ detail }) => detail)).toEqual([sentence]);
    },
  );
});

test('a body that is missing is told so', () => {
  expect(findings(compileValidation(endpointWith(z.object({}))), {})).toEqual([
    { pointer: '/body', detail: 'is required' },
  ]);
});

describe('whatever is wrong with a request of a contract', () => {
  const endpoints = [publicApis, internalApis].flatMap((apis) =>
    Object.values<Record<string, Endpoint>>(apis).flatMap((api) => Object.values(api)),
  );
  const wrong: readonly unknown[] = [
    ...[
      undefined,
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 53,
      -(2 ** 53),
      1e300,
      '',
      ' ',
      'x',
      'XXX',
      '\u0000',
      'x'.repeat(5_000),
    ],
    ...['12345678901234567', 'a@b', {}, { unknown: 1 }, [], ['x'], Array.from({ length: 1_001 }, () => 'x')],
  ];

  /** A value of the schema's shape whose leaves, from `depth` on, are all `value`. */
  function filled(schema: z.ZodType, value: unknown, depth: number): unknown {
    if (depth === 0) return value;
    const { def } = schema as z.ZodType & { def: Record<string, z.ZodType> };
    if (schema instanceof z.ZodObject)
      return Object.fromEntries(
        Object.entries(schema.shape).map(([name, field]) => [
          name,
          filled(field as z.ZodType, value, depth - 1),
        ]),
      );
    if (schema instanceof z.ZodArray) return [filled(schema.element as z.ZodType, value, depth - 1)];
    return def['innerType'] ? filled(def['innerType'], value, depth) : value;
  }

  test.each(endpoints.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    '%s says it in words for people',
    (_name, endpoint) => {
      const validate = compileValidation(endpoint);
      for (const value of wrong)
        for (const depth of [0, 1, 2, 3]) {
          const parts = {
            params: filled(endpoint.params ?? z.object({}), value, 1),
            query: filled(endpoint.query ?? z.object({}), value, 1),
            headers: filled(endpoint.headers ?? z.object({}), value, 1),
            body: filled(endpoint.body ?? z.object({}), value, depth),
          } as RawRequest;
          for (const { pointer, detail } of findings(validate, parts)) {
            expect({ pointer, detail }).toEqual({
              pointer,
              detail: expect.stringMatching(/^(must (not )?(be|have)|is|a body is) /),
            });
            expect({ pointer, detail }).not.toEqual({
              pointer,
              detail: expect.stringMatching(
                /expected (?!here)|received|invalid|too (big|small)|[<>]=?|\^|90071992|another form/i,
              ),
            });
          }
        }
    },
  );
});

test('every sentence is made in one place', () => {
  // The validator's internal messages, which must not be shown.
  const own = z.int().safeParse('x').error?.issues[0]?.message;
  expect(own).toMatch(/expected/);
  expect(z.int().safeParse('x', { error: sentenceFor }).error?.issues[0]?.message).toBe(
    'must be a whole number',
  );
});

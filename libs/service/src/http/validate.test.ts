import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { z } from 'zod';
import type { ProblemError } from '../errors';
import { compileValidation } from './validate';

const base = {
  operationId: 'try',
  method: 'post',
  path: '/try',
  summary: 'test',
  tag: 'test',
  access: { kind: 'public' },
  priority: 'buy',
  responses: {},
} as const;
const raw = { params: {}, query: {}, headers: {}, body: undefined };
const withBody = compileValidation(defineEndpoint({ ...base, body: z.object({}) }));

const findings = (validate: () => unknown) => {
  try {
    validate();
  } catch (error) {
    return (error as ProblemError).details.errors ?? [];
  }
  return [];
};

test('a body that nobody asked for is refused', () => {
  const validate = compileValidation(defineEndpoint(base));
  expect(findings(() => validate({ ...raw, body: { surprise: true } }))).toEqual([
    { pointer: '/body', detail: 'must be empty: this endpoint takes no body' },
  ]);
});

test('a pointer leads to its field whatever its name is', () => {
  expect(findings(() => withBody({ ...raw, body: { 'a/b~c': 1 } }))[0]?.pointer).toBe('/body/a~1b~0c');
});

test('the number of reported input errors is limited', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`field-${n}`, n]));
  expect(findings(() => withBody({ ...raw, body: many }))).toHaveLength(20);
  const [finding] = findings(() => withBody({ ...raw, body: { ['x'.repeat(10_000)]: 1 } }));
  expect(finding?.pointer).toBe(`/body/${'x'.repeat(100)}`);
});

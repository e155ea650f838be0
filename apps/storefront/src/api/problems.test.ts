import { problems } from '@bulkhead/contracts/problem';
import { de } from '../language/de';
import { en } from '../language/en';
import { ApiProblem, explain, isProblem, Unreachable } from './problems';

const problem = (status: number, slug: string, more: object = {}) =>
  new ApiProblem(status, { type: `urn:bulkhead:problem:${slug}`, title: 'Title', ...more }, '3');

test('a problem is identified by its slug, and keeps its extension members', () => {
  const declined = problem(402, 'payment-declined', { orderId: '1' });
  expect(isProblem(declined, 'out-of-stock', 'payment-declined')).toBe(true);
  expect(isProblem(declined, 'out-of-stock')).toBe(false);
  expect(isProblem(new Error('other'), 'internal')).toBe(false);
  expect([declined.members['orderId'], declined.retryAfterMs]).toEqual(['1', 3000]);
});

test('a proxy that responds without a problem is understood all the same', () => {
  expect(new ApiProblem(503, {}, null).slug).toBe('unavailable');
  expect(new ApiProblem(401, {}, null).slug).toBe('unauthenticated');
});

test.each([
  [problem(503, 'unavailable'), 'The catalog is unavailable at the moment.'],
  [problem(504, 'deadline-exceeded'), 'The catalog is unavailable at the moment.'],
  [problem(503, 'overloaded'), 'The shop is very busy.'],
  [problem(422, 'invalid-request', { detail: 'The name is too long' }), 'The name is too long.'],
  [new Unreachable(), 'The catalog could not be reached.'],
  [new TypeError('x is undefined'), 'The catalog failed on this page.'],
])('every failure has a sentence of what happened, and what to do next', (error, happened) => {
  const explanation = explain(error, en.parts.catalog, en);
  expect(explanation.happened).toBe(happened);
  expect(explanation.next).toMatch(/^[A-Z].*\.$/);
});

test('in another language every problem has its own text', () => {
  for (const [slug, { status, title }] of Object.entries(problems)) {
    const { happened, next } = explain(problem(status, slug, { title, detail: title }), 'Der Katalog', de);
    expect(`${happened} ${next}`).not.toContain(title);
  }
});

test.each([
  ['must have at least 8 characters', 'Hier sind mindestens 8 Zeichen nötig.'],
  ['must be at most 99', 'Hier darf höchstens 99 stehen.'],
  ['is of a kind that nobody knows yet', 'Dieser Wert wird nicht angenommen.'],
])('what the API says of a field is said in the language of the page: %s', (detail, sentence) => {
  expect(en.problems.field(detail)).toBe(`This ${detail}.`);
  expect(de.problems.field(detail)).toBe(sentence);
});

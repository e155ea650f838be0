import type { z } from 'zod';

/**
 * What is wrong with an input, as a sentence for API clients: the field is named beside it. Schemas with a more
 * specific message (a pattern, a list of codes) provide their own, which takes precedence.
 */
export const sentenceFor: z.core.$ZodErrorMap = (issue): string => {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[isWholeNumber(issue) ? 'int' : issue.expected] ?? 'of another type'}`;
    case 'too_small':
      return smallest(issue);
    case 'too_big':
      return largest(issue);
    case 'invalid_format':
      return `must be ${formatNames[issue.format] ?? 'in another form'}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'is not known here';
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_element':
      return 'has an item that is not allowed';
    case 'invalid_union':
      return 'has none of the forms that are allowed here';
    case 'custom':
      return 'is not valid';
  }
};

type Issue<Code> = Extract<z.core.$ZodRawIssue, { code: Code }>;

/** In JSON's terms. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  null: 'null',
};

const formatNames: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  datetime: 'a date and time in UTC, such as 2026-01-31T12:00:00Z',
  date: 'a date, such as 2026-01-31',
  email: 'an email address',
  url: 'a URL',
};

/** For text in place of an integer, the issue mentions a number; its schema is more specific. */
const isWholeNumber = ({ schema, inst }: Issue<'invalid_type'>): boolean =>
  ((schema ?? inst)?._zod.def as { format?: string } | undefined)?.format === 'safeint';

function smallest({ origin, minimum, inclusive, exact }: Issue<'too_small'>): string {
  const things = countedIn(origin, minimum);
  if (!things) return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`;
  if (minimum === 1 && !exact) return 'must not be empty';
  return `must have ${exact ? 'exactly' : 'at least'} ${minimum} ${things}`;
}

function largest({ origin, maximum, inclusive, exact }: Issue<'too_big'>): string {
  const things = countedIn(origin, maximum);
  if (!things) return inclusive === false ? `must be less than ${maximum}` : `must be at most ${maximum}`;
  return `must have ${exact ? 'exactly' : 'at most'} ${maximum} ${things}`;
}

/** The unit in which the length of such a value is counted, or undefined if the value itself is. */
function countedIn(origin: string, count: number | bigint): string | undefined {
  const thing =
    origin === 'string' ? 'character' : origin === 'array' || origin === 'set' ? 'item' : undefined;
  return thing && (count === 1 ? thing : `${thing}s`);
}

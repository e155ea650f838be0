import { z } from 'zod';
import { currencies, priceStepOf } from './money/currency';

/** RFC 9562 UUID; the shop makes version 7, which sort by time. */
export const Id = z.uuid().meta({ description: 'UUID (RFC 9562), version 7 where the shop made it' });

/** RFC 3339 date-time in UTC. */
export const Timestamp = z.iso.datetime().meta({ description: 'RFC 3339 date-time, UTC' });

/** One of a long list of codes, which the message describes instead of listing it. */
export const oneOfCodes = (codes: readonly string[], message: string) =>
  z.enum(codes as [string, ...string[]], {
    error: ({ input }) => (input === undefined ? undefined : message),
  });

/** A currency that somebody sets a price in. */
export const Currency = oneOfCodes(currencies, 'must be an ISO 4217 code, such as EUR').meta({
  id: 'Currency',
  description: 'ISO 4217 code of a currency with minor units',
  examples: ['EUR'],
});

/**
 * A currency as it was recorded, in responses and events: what is read stays readable after a currency has left the
 * list, and a payment that never was is in XXX.
 */
export const CurrencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, such as EUR')
  .meta({ description: 'ISO 4217 code', examples: ['EUR'] });

/** Largest amount the shop handles, in minor units: far below 2^53, so sums of a full order stay exact. */
export const maxAmount = 1_000_000_000_00;

/** An amount in minor units (cents). */
export const Amount = z.int().min(0).max(maxAmount).meta({ description: 'minor units, such as cents' });

export const Money = z.object({ amount: Amount, currency: CurrencyCode }).meta({ id: 'Money' });
export type Money = z.infer<typeof Money>;

/**
 * A price that somebody sets: one that can be charged. Whoever is asked to pay less than the payment networks' smallest
 * step would be turned away at every order, so it is refused where it is written.
 */
export const Price = z
  .strictObject({ amount: Amount, currency: Currency })
  .superRefine(({ amount, currency }, context) => {
    const step = priceStepOf(currency);
    if (amount % step !== 0)
      context.addIssue({
        code: 'custom',
        path: ['amount'],
        message: `must be a multiple of ${step} in ${currency}, as nothing smaller can be charged`,
      });
  })
  .meta({
    description: 'in MGA the amount must be a multiple of 100, in BHD, IQD, JOD, KWD, LYD, OMR and TND of 10',
  });

/** Stock keeping unit: what inventory counts. */
export const Sku = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{1,39}$/, 'must be 2–40 capital letters, digits or dashes')
  .meta({ description: 'stock keeping unit', examples: ['KET-ENAMEL-RED'] });

/** Ahead, one that is not a space; said so that what makes up examples from it makes up few that the rest refuses. */
const someCharacter = '(?=[^\\u0000-\\u001f\\u007f]*[^\\u0000-\\u001f\\u007f\\s])';

/**
 * Text a person typed: without control characters (PostgreSQL refuses NUL in text), bounded in characters, and where it
 * must not be empty, not of spaces alone. All of it is in the pattern, so that what OpenAPI says is what validation does:
 * JSON Schema counts characters, but `min` and `max` of a JavaScript string count UTF-16 units.
 */
export const text = (minLength: number, maxLength: number) =>
  z
    .string()
    .regex(
      new RegExp(
        `^${minLength > 0 ? someCharacter : ''}[^\\u0000-\\u001f\\u007f]{${minLength},${maxLength}}$`,
        'u',
      ),
      `must have ${minLength}–${maxLength} characters, none of them control characters` +
        (minLength > 0 ? ', and not only spaces' : ''),
    );

/** Digits as JSON writes whole numbers: no sign before zero, no leading zeros, no exponent, nothing around them. */
const plainInteger = /^(?:0|-?[1-9][0-9]{0,15})$/;

/**
 * A whole number in a query, where everything is text. What `Number` would make of an empty text (0), ` 5`, `+5`, `0x10`
 * or `1e3` is not what somebody meant, so it is refused.
 */
export const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && plainInteger.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );

/** `?limit=&cursor=` of every list. */
export const PageQuery = z.object({
  limit: wholeNumber(1, 100).default(20),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be a cursor from a `next` link')
    .optional()
    .meta({ description: 'opaque; from the `next` link of the page before' }),
});

/** A page of a list: items and, where more follow, the link to the next page. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'path and query of the next page, or null on the last' }),
  });

/**
 * A token that stands for a way to pay at the payment provider. What could be a card's number (ISO/IEC 7812: up to 19
 * digits) is refused at the door, so that it is never stored, sent on or told of.
 */
export const PaymentMethod = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/, 'must be a token of the payment provider')
  .refine((value) => !/^(?:\d[-_]?){12,19}$/.test(value), 'must be a token, never the number of a card');

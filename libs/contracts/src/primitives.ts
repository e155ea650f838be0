import { z } from 'zod';
import { documentedAs } from './documented-as';
import { currencies, isCurrency, priceStepOf } from './money/currency';

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

const money = { amount: Amount, currency: CurrencyCode };
const aboutMoney = { id: 'Money', description: 'An amount of money; never gains a field', isValue: true };

export const Money = z.object(money).meta(aboutMoney);
export type Money = z.infer<typeof Money>;

/** As clients send it: what it does not know is refused. In documents it is the same `Money`. */
const SentMoney = z.strictObject(money).meta(aboutMoney);

/** An amount in a currency that something may have a price in. */
export const PricedMoney = SentMoney.superRefine(({ currency }, context) => {
  if (!isCurrency(currency))
    context.addIssue({
      code: 'custom',
      path: ['currency'],
      message: 'must be an ISO 4217 code, such as EUR',
    });
});

/**
 * An amount to pay or give back: at least one minor unit, in the currency that was ordered in, so that orders are paid
 * and refunded also when it has left the list of currencies.
 */
export const PositiveMoney = SentMoney.superRefine(({ amount }, context) => {
  if (amount < 1) context.addIssue({ code: 'custom', path: ['amount'], message: 'must be at least 1' });
}).meta({ description: 'at least one minor unit' });

/**
 * A price that somebody sets: one that can be charged. Whoever is asked to pay less than the payment networks' smallest
 * step would be turned away at every order, so it is refused where it is written.
 */
export const Price = PricedMoney.superRefine(({ amount, currency }, context) => {
  if (!isCurrency(currency)) return;
  const step = priceStepOf(currency);
  if (amount % step !== 0)
    context.addIssue({
      code: 'custom',
      path: ['amount'],
      message: `must be a multiple of ${step} in ${currency}, as nothing smaller can be charged`,
    });
}).meta({
  description:
    'in a currency of ISO 4217 with minor units; in MGA the amount must be a multiple of 100, in BHD, IQD, JOD, KWD, ' +
    'LYD, OMR and TND of 10',
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
  limit: wholeNumber(1, 100)
    .default(20)
    .meta({ description: 'most items in a page', examples: [20] }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be a cursor from a `next` link')
    .optional()
    .meta({ description: 'opaque; `nextCursor` of the page before', examples: ['IjAxOTBiMWY0Ig'] }),
});

/** `true` or `false` in a query, where everything is text. */
export const flag = (description: string) =>
  documentedAs(z.enum(['true', 'false']), { type: 'boolean', description }).meta({ description });

/** A list that comes whole, by the name of what is in it. @param name default: that of the item with `List` */
export const list = <T extends z.ZodType>(item: T, name = `${item.meta()?.id ?? ''}List`) =>
  z.object({ items: z.array(item) }).meta({ id: name, description: 'All of them' });

/** What a page tells of the one after it. */
export const nextPageFields = {
  next: z
    .string()
    .nullable()
    .meta({
      description: 'path and query of the next page, or null on the last',
      examples: ['/api/v1/orders?limit=20&cursor=IjAxOTBiMWY0Ig'],
    }),
  // Releases before this one do not send it, and this one reads their pages.
  nextCursor: z
    .string()
    .nullable()
    .default(null)
    .meta({
      description: '`cursor` of the next page, or null on the last',
      examples: ['IjAxOTBiMWY0Ig'],
    }),
};

/** A page of a list: items and, where more follow, where the next page is. @param name as of `list` */
export const page = <T extends z.ZodType>(item: T, name = `${item.meta()?.id ?? ''}List`) =>
  z
    .object({
      items: z.array(item),
      ...nextPageFields,
    })
    .meta({ id: name, description: 'Some of them, and where the next ones are' });

/**
 * A token that stands for a way to pay at the payment provider. What could be a card's number (ISO/IEC 7812: up to 19
 * digits) is refused at the door, so that it is never stored, sent on or told of.
 */
export const PaymentMethod = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/, 'must be a token of the payment provider')
  .refine((value) => !/^(?:\d[-_]?){12,19}$/.test(value), 'must be a token, never the number of a card');

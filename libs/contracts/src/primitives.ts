import { z } from 'zod';
import { documentedAs } from './documented-as';
import { currencies, isCurrency, priceStepOf } from './money/currency';

/** RFC 9562 UUID; the shop makes version 7, which sort by time. */
export const Id = z.uuid().meta({ description: 'UUID (RFC 9562), version 7 where the shop made it' });

/** RFC 3339 date-time in UTC. */
export const Timestamp = z.iso.datetime().meta({ description: 'RFC 3339 date-time, UTC' });

/** A value of a long list of codes; the message describes the list instead of repeating it. */
export const oneOfCodes = (codes: readonly string[], message: string) =>
  z.enum(codes as [string, ...string[]], {
    error: ({ input }) => (input === undefined ? undefined : message),
  });

/** A currency in which a price is set. */
export const Currency = oneOfCodes(currencies, 'must be an ISO 4217 code, such as EUR').meta({
  id: 'Currency',
  description: 'ISO 4217 code of a currency with minor units',
  examples: ['EUR'],
});

/**
 * A recorded currency, in responses and events: it stays readable after a currency was removed from the list, and a
 * payment that never existed is in XXX.
 */
export const CurrencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, such as EUR')
  .meta({ description: 'ISO 4217 code', examples: ['EUR'] });

/** Maximum amount, in minor units: far below 2^53, so sums of a full order stay exact. */
export const maxAmount = 1_000_000_000_00;

/** An amount in minor units (cents). */
export const Amount = z.int().min(0).max(maxAmount).meta({ description: 'minor units, such as cents' });

const money = { amount: Amount, currency: CurrencyCode };
const aboutMoney = { id: 'Money', description: 'An amount of money; never gains a field', isValue: true };

export const Money = z.object(money).meta(aboutMoney);
export type Money = z.infer<typeof Money>;

/** As input: unknown fields are rejected. In documents it is the same `Money`. */
const SentMoney = z.strictObject(money).meta(aboutMoney);

/** An amount in a currency in which prices may be set. */
export const PricedMoney = SentMoney.superRefine(({ currency }, context) => {
  if (!isCurrency(currency))
    context.addIssue({
      code: 'custom',
      path: ['currency'],
      message: 'must be an ISO 4217 code, such as EUR',
    });
});

/**
 * An amount to charge or refund: at least one minor unit, in the currency of the order, so that orders can be paid and
 * refunded even after it was removed from the list of currencies.
 */
export const PositiveMoney = SentMoney.superRefine(({ amount }, context) => {
  if (amount < 1) context.addIssue({ code: 'custom', path: ['amount'], message: 'must be at least 1' });
}).meta({ description: 'at least one minor unit' });

/**
 * A price as input: one that can be charged. A price below the smallest amount of payment networks would fail in every
 * order, so it is rejected here.
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

/**
 * Lookahead for a character that is not a space, so that example generators produce few strings that the rest rejects.
 */
const someCharacter = '(?=[^\\u0000-\\u001f\\u007f]*[^\\u0000-\\u001f\\u007f\\s])';

/**
 * Text typed by a person: without control characters (PostgreSQL rejects NUL in text), limited in characters, and not
 * only spaces if it must not be empty. The pattern contains all of this, so that OpenAPI and validation agree: JSON
 * Schema counts characters, but `min` and `max` of a JavaScript string count UTF-16 units.
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

/** An integer as written in JSON: no sign before zero, no leading zeros, no exponent, no surrounding characters. */
const plainInteger = /^(?:0|-?[1-9][0-9]{0,15})$/;

/**
 * An integer in a query, where everything is text. `Number` would also accept an empty text (0), ` 5`, `+5`, `0x10` or
 * `1e3`, which are more likely mistakes, so they are rejected.
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

/** An unpaginated list, by the name of its items. @param name default: that of the item with `List` */
export const list = <T extends z.ZodType>(item: T, name = `${item.meta()?.id ?? ''}List`) =>
  z.object({ items: z.array(item) }).meta({ id: name, description: 'All of them' });

/** The fields of a page that point to the next one. */
export const nextPageFields = {
  next: z
    .string()
    .nullable()
    .meta({
      description: 'path and query of the next page, or null on the last',
      examples: ['/api/v1/orders?limit=20&cursor=IjAxOTBiMWY0Ig'],
    }),
  // Older releases do not send it, and this one reads their pages.
  nextCursor: z
    .string()
    .nullable()
    .default(null)
    .meta({
      description: '`cursor` of the next page, or null on the last',
      examples: ['IjAxOTBiMWY0Ig'],
    }),
};

/** A page of a list: items and, if there are more, a link to the next page. @param name as of `list` */
export const page = <T extends z.ZodType>(item: T, name = `${item.meta()?.id ?? ''}List`) =>
  z
    .object({
      items: z.array(item),
      ...nextPageFields,
    })
    .meta({ id: name, description: 'Some of them, and where the next ones are' });

/**
 * A token for a payment method at the payment provider. A possible card number (ISO/IEC 7812: up to 19 digits) is
 * rejected on input, so that it is never stored, forwarded or logged.
 */
export const PaymentMethod = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/, 'must be a token of the payment provider')
  .refine((value) => !/^(?:\d[-_]?){12,19}$/.test(value), 'must be a token, never the number of a card');

import { isCurrency, minorUnitsOf } from '@bulkhead/contracts/money/currency';
import type { Money } from '@bulkhead/contracts/primitives';

/** To make a format takes a hundred times as long as to use it. People choose their locale, so that they are not all kept. */
const maxFormats = 100;
const formats = new Map<string, Intl.NumberFormat>();

/**
 * An amount as people of the locale write it: `1.234,50 €`. A locale that is none is read as English.
 * What is no currency of today is taken to have two minor units: a mail about an old order must still go out.
 */
export function formatMoney({ amount, currency }: Money, locale: string): string {
  const digits = isCurrency(currency) ? minorUnitsOf(currency) : 2;
  return formatOf(localeOr(locale, 'en'), currency, digits).format(amount / 10 ** digits);
}

function formatOf(locale: string, currency: string, digits: number): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known;
  const format = new Intl.NumberFormat([locale], {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  if (formats.size >= maxFormats) formats.clear();
  formats.set(key, format);
  return format;
}

function localeOr(locale: string, fallback: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? fallback;
  } catch {
    return fallback;
  }
}

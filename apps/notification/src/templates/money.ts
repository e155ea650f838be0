import { isCurrency, minorUnitsOf } from '@bulkhead/contracts/money/currency';
import type { Money } from '@bulkhead/contracts/primitives';

/** Creating a format takes a hundred times as long as using it. Users choose their locale, so the cache is bounded. */
const maxFormats = 100;
const formats = new Map<string, Intl.NumberFormat>();

/**
 * An amount in the locale's format: `1.234,50 €`. An invalid locale falls back to English. An unknown currency is
 * assumed to have two minor digits: a mail about an old order must still be sent.
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

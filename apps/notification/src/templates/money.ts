import { isCurrency, minorUnitsOf } from '@bulkhead/contracts/money/currency';
import type { Money } from '@bulkhead/contracts/primitives';

/**
 * An amount as people of the locale write it: `1.234,50 €`. A locale that is none is read as English.
 * What is no currency of today is taken to have two minor units: a mail about an old order must still go out.
 */
export function formatMoney({ amount, currency }: Money, locale: string): string {
  const digits = isCurrency(currency) ? minorUnitsOf(currency) : 2;
  const format = new Intl.NumberFormat([localeOr(locale, 'en')], {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(amount / 10 ** digits);
}

function localeOr(locale: string, fallback: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? fallback;
  } catch {
    return fallback;
  }
}

import type { Money } from '@bulkhead/contracts/primitives';

/** An amount as people of the locale write it: `1.234,50 €`. A locale that is none is read as English. */
export function formatMoney({ amount, currency }: Money, locale: string): string {
  const format = new Intl.NumberFormat([localeOr(locale, 'en')], { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

function localeOr(locale: string, fallback: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? fallback;
  } catch {
    return fallback;
  }
}

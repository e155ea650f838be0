import type { Texts } from '../language/en';
import type { Money } from '../api/types';

/** Formats of money, numbers, dates and times for a locale. */
export interface Format {
  /** Minor units as a price: 4900 EUR is €49.00. */
  money(money: Money): string;
  count(count: number): string;
  date(timestamp: string): string;
  time(timestamp: string): string;
  timeWithSeconds(timestamp: string): string;
}

/** @param locale a BCP 47 tag */
export function createFormat(locale: string): Format {
  const prices = new Map<string, Intl.NumberFormat>();
  const numbers = new Intl.NumberFormat(locale);
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const exactTimes = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  return {
    money({ amount, currency }) {
      const format = prices.get(currency) ?? new Intl.NumberFormat(locale, { style: 'currency', currency });
      prices.set(currency, format);
      return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
    },
    count: (count) => numbers.format(count),
    date: (timestamp) => dates.format(new Date(timestamp)),
    time: (timestamp) => times.format(new Date(timestamp)),
    timeWithSeconds: (timestamp) => exactTimes.format(new Date(timestamp)),
  };
}

/** The name of a category; `coffee-and-tea` is Coffee and tea unless the language has another name for it. */
export const categoryName = (slug: string, { catalog: { category } }: Texts): string => {
  if (Object.hasOwn(category, slug)) return category[slug]!;
  const words = slug.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The end of an order's id, where UUIDv7 is random: short enough to be read aloud. */
export const orderNumber = (id: string): string => id.slice(-8).toUpperCase();

/** Parses an amount, with a point or a comma, into minor units: 12,5 EUR is 1250. */
export function minorUnits(typed: string, currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const [whole = '', fraction = ''] = typed.trim().replace(',', '.').split('.');
  return Number(whole + fraction.padEnd(maximumFractionDigits, '0').slice(0, maximumFractionDigits));
}

/** An amount as input text: 1250 EUR is 12.50. */
export function majorUnits({ amount, currency }: Money): string {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return (amount / 10 ** maximumFractionDigits).toFixed(maximumFractionDigits);
}

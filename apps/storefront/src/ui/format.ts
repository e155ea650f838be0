import type { Money } from '../api/types';

/** Money and dates as the browser's languages write them. */
const formats = new Map<string, Intl.NumberFormat>();

/** Minor units as a price: 4900 EUR is €49.00. */
export function formatMoney({ amount, currency }: Money, locales?: string): string {
  const key = `${locales} ${currency}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(locales, { style: 'currency', currency });
  formats.set(key, format);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export const formatDate = (timestamp: string, locales?: string): string =>
  new Intl.DateTimeFormat(locales, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(timestamp));

export const formatTime = (timestamp: string, withSeconds = false): string =>
  new Intl.DateTimeFormat(undefined, { timeStyle: withSeconds ? 'medium' : 'short' }).format(
    new Date(timestamp),
  );

export const formatCount = (count: number): string => new Intl.NumberFormat().format(count);

/** `coffee-and-tea` is Coffee and tea. */
export const categoryName = (slug: string): string => {
  const words = slug.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The end of an order's id, where ids of version 7 differ: short enough to be read out. */
export const orderNumber = (id: string): string => id.slice(-8).toUpperCase();

/** What somebody typed as an amount, with a point or a comma, in minor units: 12,5 EUR is 1250. */
export function minorUnits(typed: string, currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const [whole = '', fraction = ''] = typed.trim().replace(',', '.').split('.');
  return Number(whole + fraction.padEnd(maximumFractionDigits, '0').slice(0, maximumFractionDigits));
}

/** An amount as somebody would type it: 1250 EUR is 12.50. */
export function majorUnits({ amount, currency }: Money): string {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return (amount / 10 ** maximumFractionDigits).toFixed(maximumFractionDigits);
}

import { isCurrency, minorUnitsOf } from '@bulkhead/contracts/money/currency';
import { ProviderRefused } from './provider';

/**
 * Number of decimals that Stripe uses for a currency, where it differs from ISO 4217. Source:
 * https://docs.stripe.com/currencies ("Zero-decimal currencies" and "Special cases"), as of 2026-11.
 */
const decimalsAtStripe: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/**
 * @param amount ISO 4217 minor units
 * @param currency ISO 4217, case-insensitive
 * @returns the amount in the format of Stripe's API
 * @throws ProviderRefused `amount_not_chargeable` when Stripe cannot charge exactly this: a fraction of an ariary, or a
 *   last digit other than 0 with three decimals ("Three-decimal currencies", ibid.)
 */
export function toStripeAmount(amount: number, currency: string): number {
  const [ours, theirs] = decimalsOf(currency);
  const converted = theirs >= ours ? amount * 10 ** (theirs - ours) : amount / 10 ** (ours - theirs);
  if (!Number.isInteger(converted) || (ours === 3 && converted % 10 !== 0))
    throw new ProviderRefused('amount_not_chargeable');
  return converted;
}

/** @returns ISO 4217 minor units of an amount in Stripe's format */
export function fromStripeAmount(amount: number, currency: string): number {
  const [ours, theirs] = decimalsOf(currency);
  return theirs >= ours ? amount / 10 ** (theirs - ours) : amount * 10 ** (ours - theirs);
}

function decimalsOf(currency: string): [ours: number, theirs: number] {
  const code = currency.toUpperCase();
  const ours = isCurrency(code) ? minorUnitsOf(code) : 2;
  return [ours, decimalsAtStripe[code] ?? ours];
}

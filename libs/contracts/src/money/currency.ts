/**
 * The currencies of ISO 4217 that something can be priced in, by their minor units. Source: list one of the maintenance
 * agency (SIX), as of 2026-01-01: https://www.six-group.com/en/products-services/financial-information/market-reference-data/data-standards.html
 *
 * Not in it: fund codes (CHE, CLF, USN …), units of account (XDR, UYW …), metals (XAU …), XTS (testing), XXX (none).
 * Not taken from `Intl`, whose minor units are those that CLDR finds in everyday use: it writes an Iraqi dinar with none
 * of the three that ISO gives it, and so would be wrong by a factor of 1,000.
 */
const codesByMinorUnits = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP
    CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS
    KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
} as const;

const minorUnits: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByMinorUnits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(digits)]),
  ),
);

/** All codes, in alphabetical order. */
export const currencies: readonly string[] = [...minorUnits.keys()].sort();

/** Whether prices can be set in it: a code in capitals, such as `EUR`. */
export const isCurrency = (code: string): boolean => minorUnits.has(code);

/**
 * Number of decimal digits of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for BHD.
 * @throws RangeError for an unknown currency
 */
export function minorUnitsOf(code: string): number {
  const digits = minorUnits.get(code);
  if (digits === undefined) throw new RangeError(`${code} is not a currency of ISO 4217`);
  return digits;
}

/**
 * The smallest amount, in minor units, of which every price must be a multiple: payment networks support no fractions
 * of an ariary, and no third decimal other than 0. Source: https://docs.stripe.com/currencies ("Special cases",
 * "Three-decimal currencies"), as of 2026-11.
 * @throws RangeError for an unknown currency
 */
export function priceStepOf(code: string): number {
  if (code === 'MGA') return 100;
  return minorUnitsOf(code) === 3 ? 10 : 1;
}

import { z } from 'zod';
import { isCountry } from './country';

/** RFC 5646 §4.4.1 recommends at least 35 characters; longer tags contain extensions that are not used here. */
const longestTag = 35;
const message = 'must be a BCP 47 language tag, such as de, de-AT or zh-Hant-TW';

/**
 * A locale as a BCP 47 tag (RFC 5646) whose language, script and region exist; case-insensitive as input, canonical as
 * output.
 */
export const Locale = z
  .string()
  .max(longestTag)
  // What a pattern cannot express: which languages, scripts and regions exist.
  .regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/, { error: message, abort: true })
  .refine((tag) => canonicalLocale(tag) !== undefined, { error: message, abort: true })
  .overwrite((tag) => canonicalLocale(tag) ?? tag)
  .meta({ description: 'language tag (BCP 47)', examples: ['en', 'de-AT', 'zh-Hant-TW'] });

const names = (type: Intl.DisplayNamesType) => new Intl.DisplayNames(['en'], { type, fallback: 'none' });
const languages = names('language');
const scripts = names('script');
const regions = names('region');

/** Tags of no one language: several, uncoded, no linguistic content (ISO 639-2). `und` is none to Intl. */
const noLanguage: ReadonlySet<string | undefined> = new Set([undefined, '', 'und', 'mul', 'mis', 'zxx']);

/** @returns the canonical form of a tag (RFC 5646 §4.5), or undefined if it names no known locale */
export function canonicalLocale(tag: string): string | undefined {
  let locale: Intl.Locale;
  try {
    locale = new Intl.Locale(tag);
  } catch {
    return undefined;
  }
  const { language, script, region } = locale;
  if (noLanguage.has(language) || languages.of(language) === undefined) return undefined;
  if (script !== undefined && scripts.of(script) === undefined) return undefined;
  if (region !== undefined && !isRegion(region)) return undefined;
  return locale.toString();
}

/** A country, or an area of UN M49, such as `es-419`. */
const isRegion = (code: string): boolean =>
  /^[0-9]/.test(code) ? regions.of(code) !== undefined : isCountry(code);

/** Which services `npm start` runs beside the process that holds the others. Imports nothing: a test reads it. */

/**
 * SPLIT_OFF decides for one start, with `none` for none; without it the declaration does, which
 * `nx g @bulkhead/tools:extract` writes.
 * @param given SPLIT_OFF as it is set
 * @param extracted the services that apps/monolith/extracted.json lists
 * @returns what SPLIT_OFF is for the shop: names with commas between them, or nothing
 */
export const splitOffOf = (given: string | undefined, extracted: readonly string[]): string =>
  given === 'none' ? '' : given || extracted.join(',');

/** @returns the names in SPLIT_OFF */
export const namesIn = (splitOff: string): string[] =>
  splitOff
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

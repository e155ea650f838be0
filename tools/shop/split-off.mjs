/** Which services `npm start` runs beside the process that holds the others. Imports nothing: a test reads it. */

/**
 * SPLIT_OFF decides for one start, with `none` for none; without it the declaration does, which
 * `nx g @bulkhead/tools:extract` writes.
 * @param {string | undefined} given SPLIT_OFF as it is set
 * @param {readonly string[]} extracted the services that apps/monolith/extracted.json lists
 * @returns {string} what SPLIT_OFF is for the shop: names with commas between them, or nothing
 */
export const splitOffOf = (given, extracted) => (given === 'none' ? '' : given || extracted.join(','));

/** @returns {string[]} the names in SPLIT_OFF */
export const namesIn = (splitOff) =>
  splitOff
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

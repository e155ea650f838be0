/** Longer words are truncated: nobody searches for them, and PostgreSQL accepts no lexeme over 2 KiB. */
const longestWord = 64;

/**
 * The words of a text in lower case, in compatibility form (NFKC: full-width letters and ligatures become plain ones).
 * Products and queries go through this same function, so that both are cut at the same places; it also leaves nothing
 * of a query that means something to PostgreSQL's query language, LIKE or quoting. Accents are folded in SQL.
 */
export const wordsOf = (text: string): string[] =>
  (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  ).map((word) => [...word].slice(0, longestWord).join(''));

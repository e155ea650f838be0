/**
 * Makes text from outside safe for a header, a log line, a database or a terminal: control characters and unpaired
 * surrogates are replaced by U+FFFD. PostgreSQL, for one, rejects NUL.
 * @param keep control characters to keep, such as line feeds of a body
 */
export const printable = (text: string, keep = ''): string =>
  text.toWellFormed().replace(/\p{Cc}/gu, (control) => (keep.includes(control) ? control : '\uFFFD'));

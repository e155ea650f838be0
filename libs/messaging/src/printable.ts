/**
 * Text that came from outside, as it may stand in a header, a log line, a database or a terminal: control characters and
 * halves of surrogate pairs are replaced by U+FFFD. PostgreSQL, for one, refuses NUL.
 * @param keep control characters to leave, such as line feeds of a body
 */
export const printable = (text: string, keep = ''): string =>
  text.toWellFormed().replace(/\p{Cc}/gu, (control) => (keep.includes(control) ? control : '\uFFFD'));

/** Where it is not one capital a word. */
const spelt: Readonly<Record<string, string>> = { etag: 'ETag', 'last-event-id': 'Last-Event-ID' };

/** A header's name as people write it; code has it in lower case. */
export const headerName = (name: string): string =>
  spelt[name] ?? name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());

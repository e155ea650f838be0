/** Names that are not simply capitalised word by word. */
const spelt: Readonly<Record<string, string>> = { etag: 'ETag', 'last-event-id': 'Last-Event-ID' };

/** A header's name in its usual spelling; code uses lower case. */
export const headerName = (name: string): string =>
  spelt[name] ?? name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());

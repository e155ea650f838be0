const maximumLength = 2_000;

/**
 * In the order in which they are tried: ids, which are kept (their digits identify nobody), then personal data and
 * secrets. Every repetition is bounded, so that the cost of a hostile text is linear in its length.
 */
const patterns = new RegExp(
  [
    String.raw`(?<kept>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b)`,
    String.raw`(?<jwt>\bey[\w-]{8,4096}\.[\w-]{1,4096}(?:\.[\w-]{0,4096})?)`,
    String.raw`(?<credentials>(?<=:\/\/)[^\s\/@]{1,256}@)`,
    String.raw`(?<authorization>\b(?:Bearer|Basic)\s{1,4}[\w.~+\/=-]{1,4096})`,
    String.raw`(?<secret>\b(?:password|passwd|pwd|secret|token|api[-_]?key|authorization|cookie)\b["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:Bearer|Basic)\s{1,4})?[^\s"',;}]{1,512})`,
    String.raw`(?<email>[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}.-]{1,253})`,
    String.raw`(?<digits>\d(?:[ -]?\d){12,18}|\d{9,})`,
  ].join('|'),
  'giu',
);

/** Fast path: almost no text contains anything to remove. */
const suspicious =
  /[@=]|\d{9}|\d[ -]\d|:\/\/|ey[\w-]{8}|Bearer|Basic|password|passwd|pwd|secret|token|key|authorization|cookie/i;

/**
 * A text with email addresses, JWTs, credentials, `password=…` pairs and long runs of digits (cards, phone numbers)
 * each replaced by its kind, such as `[email]`. UUIDs and trace ids are kept. Truncated to 2,000 characters.
 */
export function scrub(text: string, limit = maximumLength): string {
  const short = text.length > limit ? `${text.slice(0, limit)}…` : text;
  if (!suspicious.test(short)) return short;
  return short.replace(patterns, (found, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    if (groups['kept'] !== undefined) return found;
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    return `[${kind}]${kind === 'credentials' ? '@' : ''}`;
  });
}

/** A URL or request target without its query, fragment and credentials. */
export function scrubUrl(url: string): string {
  return scrub(url.replace(/[?#][\s\S]*$/, ''), 512);
}

export interface ScrubbedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ScrubbedError;
}

/** The loggable parts of an error: name, code, scrubbed message and stack, and the same of up to three causes. */
export function scrubError(error: unknown, depth = 3): ScrubbedError {
  if (!(error instanceof Error)) return { name: typeof error, message: scrub(String(error)) };
  const { code } = error as NodeJS.ErrnoException;
  return {
    name: scrub(error.name, 128),
    message: scrub(error.message),
    ...(code === undefined ? {} : { code: scrub(String(code), 64) }),
    ...(error.stack === undefined ? {} : { stack: scrub(error.stack, 4_000) }),
    ...(error.cause === undefined || depth === 0 ? {} : { cause: scrubError(error.cause, depth - 1) }),
  };
}

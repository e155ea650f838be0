/** The deprecation of an operation, for its callers and for documents. */
export interface Deprecation {
  /** Day from which it should no longer be used, such as `2026-11-30`. */
  readonly since: string;
  /** Day from which it may be removed; absent while that is undecided. */
  readonly sunset?: string;
  /** Path of its successor. */
  readonly successor?: string;
}

/** The relevant part of an operation. */
interface MayBeDeprecated {
  readonly deprecated?: Deprecation;
}

const day = (date: string): Date => {
  const time = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(time.getTime())) throw new RangeError(`${date} is no day`);
  return time;
};

/**
 * Headers of every response of a deprecated operation: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to
 * its successor (`successor-version`, RFC 5829). @returns undefined if it is not deprecated
 * @throws RangeError for an invalid day
 */
export function deprecationHeaders({
  deprecated,
}: MayBeDeprecated): Readonly<Record<string, string>> | undefined {
  if (!deprecated) return undefined;
  const { since, sunset, successor } = deprecated;
  return {
    deprecation: `@${day(since).getTime() / 1000}`,
    ...(sunset === undefined ? {} : { sunset: day(sunset).toUTCString() }),
    ...(successor === undefined ? {} : { link: `<${successor}>; rel="successor-version"` }),
  };
}

/** The same as a sentence; empty if it is not deprecated. */
export function deprecationText({ deprecated }: MayBeDeprecated): string {
  if (!deprecated) return '';
  const { since, sunset, successor } = deprecated;
  return [
    `Deprecated since ${since}${sunset === undefined ? '' : `, and may be gone from ${sunset}`}.`,
    successor === undefined ? '' : `Use \`${successor}\` instead.`,
  ]
    .filter(Boolean)
    .join(' ');
}

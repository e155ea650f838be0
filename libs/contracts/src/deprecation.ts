/** That an operation is on its way out, for whoever calls it and for documents. */
export interface Deprecation {
  /** Day from which it should no longer be used, as `2026-11-30`. */
  readonly since: string;
  /** Day from which it may be gone; none while that is not decided. */
  readonly sunset?: string;
  /** Path of what takes its place. */
  readonly successor?: string;
}

/** An operation, as far as this is concerned. */
interface MayBeDeprecated {
  readonly deprecated?: Deprecation;
}

const day = (date: string): Date => {
  const time = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(time.getTime())) throw new RangeError(`${date} is no day`);
  return time;
};

/**
 * What every response of a deprecated operation says: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to the
 * operation that takes its place (`successor-version`, RFC 5829). @returns undefined where it is not deprecated
 * @throws RangeError for a day that is none
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

/** The same for people; empty where it is not deprecated. */
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

import { ConfigError } from '@bulkhead/service/config';

/**
 * Asks a server that somebody named, before anything is built on it.
 * @param what for the sentence: `PostgreSQL`
 * @param ask throws where nobody answers, or nobody who lets us in
 * @param explain what the error means, where its message is not enough
 * @returns the URL @throws ConfigError which names the variable and the host
 */
export async function requireResponse(
  variable: string,
  what: string,
  url: string,
  ask: (url: string) => Promise<unknown>,
  explain?: (error: unknown) => string,
): Promise<string> {
  try {
    await ask(url);
    return url;
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(
      `${variable}: ${what} at ${hostsOf(url)} cannot be used: ${explain?.(cause) ?? (message || code)}.`,
      {
        cause,
      },
    );
  }
}

/** `url` may be several. */
const hostsOf = (url: string): string =>
  url
    .split(/,(?=\s*\w+:)/)
    .map((one) => new URL(one).host)
    .join(', ');

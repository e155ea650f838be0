import { ConfigError } from '@bulkhead/service/config';

/**
 * Checks a configured server before anything depends on it.
 * @param what name of the server for the message: `PostgreSQL`
 * @param ask throws if the server does not respond or rejects the login
 * @param explain the meaning of the error, if its message is not enough
 * @returns the URL @throws ConfigError that names the variable and the host
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

/** `url` may contain several. */
const hostsOf = (url: string): string =>
  url
    .split(/,(?=\s*\w+:)/)
    .map((one) => new URL(one).host)
    .join(', ');

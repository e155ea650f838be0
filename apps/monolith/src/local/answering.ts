import { ConfigError } from '@bulkhead/service/config';

/**
 * Asks a server that somebody named, before anything is built on it.
 * @param what for the sentence: `PostgreSQL`
 * @param ask throws where nobody answers, or nobody who lets us in
 * @returns the URL @throws ConfigError which names the variable and the host
 */
export async function answering(
  variable: string,
  what: string,
  url: string,
  ask: (url: string) => Promise<unknown>,
): Promise<string> {
  try {
    await ask(url);
    return url;
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(
      `${variable}: ${what} at ${new URL(url).host} cannot be used: ${message || code}.`,
      {
        cause,
      },
    );
  }
}

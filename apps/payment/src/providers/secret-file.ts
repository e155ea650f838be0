import { readFileSync } from 'node:fs';
import type { Clock } from '@bulkhead/resilience/clock';

/** How long a secret is used before its file is read again, in ms. */
const readAgainAfterMs = 10_000;

/**
 * A secret that may be rolled while the service runs: the file that it came from is read again after 10 s. While the file
 * cannot be read or is empty, the last value stays.
 * @param value as it was at the start
 * @param file the path in NAME_FILE; undefined where the value itself was given, which never changes
 */
export function secretFile(
  value: string,
  file: string | undefined,
  clock: Pick<Clock, 'monotonic'>,
): () => string {
  if (file === undefined) return () => value;
  let current = value;
  let readAt = clock.monotonic();
  return () => {
    if (clock.monotonic() - readAt < readAgainAfterMs) return current;
    readAt = clock.monotonic();
    try {
      current = readFileSync(file, 'utf8').trimEnd() || current;
    } catch {
      // A file is gone for a moment while it is replaced.
    }
    return current;
  };
}

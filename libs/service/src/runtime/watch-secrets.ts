import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';
import { Secret } from '../secret';

/** How often the files are checked, ms. Only for logging changes: users of a secret read it themselves. */
const lookEveryMs = 5_000;

/**
 * Logs when a secret has changed, so that operators see that this pod has the new one, and when its file cannot be
 * used.
 * @param configs what `loadConfig` returned
 */
export function watchSecrets(
  configs: readonly Readonly<Record<string, unknown>>[],
  { clock, logger }: { readonly clock: Clock; readonly logger: Pick<Logger, 'info' | 'error'> },
): { stop(): void } {
  const watched = configs
    .flatMap((config) => Object.entries(config))
    .flatMap(([variable, secret]) =>
      secret instanceof Secret && secret.mayChange ? [{ variable, secret, known: secret.state() }] : [],
    );
  const stopping = new AbortController();
  const look = () => {
    for (const each of watched) {
      const { variable, secret, known } = each;
      each.known = secret.state();
      if (each.known.changes !== known.changes)
        logger.info({ variable, count: secret.values.length }, 'secret has changed; the new value is in use');
      if (each.known.trouble !== undefined && each.known.trouble !== known.trouble)
        logger.error(
          { variable, reason: each.known.trouble },
          'secret cannot be read; the previous value stays in use',
        );
    }
  };
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(lookEveryMs, stopping.signal).catch(() => undefined);
      if (!stopping.signal.aborted) look();
    }
  };
  if (watched.length > 0) void watch();
  return { stop: () => stopping.abort() };
}

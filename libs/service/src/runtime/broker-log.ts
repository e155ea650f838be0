import type { MessagingObserver } from '@bulkhead/messaging/observer';
import { explainBrokerFailure } from '@bulkhead/messaging/rabbitmq/broker-failure';
import type { Clock, Timer } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';

type ConnectionEvent = Parameters<NonNullable<MessagingObserver['connection']>>[0];
type TroubleEvent = Parameters<NonNullable<MessagingObserver['trouble']>>[0];

export interface BrokerLog {
  connection(event: ConnectionEvent): void;
  trouble(event: TroubleEvent): void;
}

/** Brokers' messages vary without limit; only the reason of an outage is compared. */
const maxReasons = 20;
/** A failure that persists this long is logged again, ms. */
const troubleForgottenMs = 60_000;
const maxTroubles = 100;

/**
 * Logs the state of the broker: one warning per reason of an outage, however often and on however many connections it
 * occurs, and one line when all connections have been up for `settleMs` (default 5,000).
 */
export function createBrokerLog(
  logger: Pick<Logger, 'warn' | 'info'>,
  clock: Clock,
  settleMs = 5_000,
): BrokerLog {
  const unwell = new Set<string>();
  const said = new Set<string>();
  let settling: Timer | undefined;
  const troubles = new Map<string, number>();

  function settle() {
    if (said.size === 0 || unwell.size > 0 || settling) return;
    settling = clock.setTimer(() => {
      settling = undefined;
      said.clear();
      logger.info({}, 'RabbitMQ is available again');
    }, settleMs);
  }

  return {
    connection({ name, state, host, error }) {
      if (state === 'up' || state === 'unblocked' || state === 'recovered') {
        unwell.delete(name);
        return settle();
      }
      unwell.add(name);
      settling?.cancel();
      settling = undefined;
      const { reason, variable } = explain(state, error);
      const words = `${host ?? ''} ${reason}`;
      if (said.has(words) || said.size >= maxReasons) return;
      said.add(words);
      logger.warn({ state, host, reason, variable }, 'RabbitMQ is unavailable');
    },
    trouble({ where, error }) {
      const words = `${where} ${(error as Error | undefined)?.message ?? String(error)}`;
      const now = clock.monotonic();
      for (const [other, at] of troubles) if (now - at > troubleForgottenMs) troubles.delete(other);
      const isNew = !troubles.has(words);
      if (isNew && troubles.size >= maxTroubles) return;
      troubles.set(words, now);
      if (isNew) logger.warn({ event: where, error }, 'messaging error');
    },
  };
}

const explain = (state: ConnectionEvent['state'], error: unknown) =>
  state === 'blocked'
    ? { reason: `it takes no messages until its alarm is over: ${String(error)}`, variable: undefined }
    : { variable: undefined, ...explainBrokerFailure(error) };

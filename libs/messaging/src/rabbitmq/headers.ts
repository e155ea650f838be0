/** Our own headers; the broker's x-death is never decisive, as its meaning differs between versions. */
export const attemptHeader = 'x-attempt';
export const reasonHeader = 'x-reason';
export const deadAtHeader = 'x-dead-at';
/** On a message that was put back because the broker had delivered it often. */
export const suspectHeader = 'x-suspect';

type Headers = Readonly<Record<string, unknown>> | undefined;

/** No retry schedule is this long; a larger value was not written by us. */
const maxAttempts = 1_000;

/** The attempt a message is on: 1 if the header is absent or invalid. */
export function attemptOf(headers: Headers): number {
  const attempt = headers?.[attemptHeader];
  return typeof attempt === 'number' && Number.isInteger(attempt) && attempt >= 1 && attempt <= maxAttempts
    ? attempt
    : 1;
}

/** The broker's own header, if it made the dead letter. */
const brokersReasons = new Map<unknown, string>([
  ['delivery_limit', 'delivery-limit: handling it ended in a crash too often'],
  ['rejected', 'rejected: the consumer could not bury it itself; its log has the reason'],
  ['expired', 'expired: its sender gave it too little time'],
]);

/** Why a message is dead. */
export function reasonOf(headers: Headers): string {
  const reason = headers?.[reasonHeader];
  if (typeof reason === 'string') return reason;
  const deaths = headers?.['x-death'];
  if (!Array.isArray(deaths)) return 'unknown';
  // The latest death is first.
  for (const death of deaths as ({ readonly reason?: unknown } | null)[]) {
    const known = brokersReasons.get(death?.reason);
    if (known !== undefined) return known;
  }
  return 'unknown';
}

export const isSuspect = (headers: Headers): boolean => headers?.[suspectHeader] === true;

/**
 * How often the broker delivered a message before without a settlement, from its own header of quorum queues. A lost
 * connection counts for every unacknowledged message.
 * https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
 */
export function handedOverBefore(headers: Headers): number {
  const count = headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}

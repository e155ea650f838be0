/** Our own headers; what the broker's x-death says decides nothing, as its meaning differs between versions. */
export const attemptHeader = 'x-attempt';
export const reasonHeader = 'x-reason';
export const deadAtHeader = 'x-dead-at';
/** On a message that was put back because the broker had handed it over often. */
export const suspectHeader = 'x-suspect';

type Headers = Readonly<Record<string, unknown>> | undefined;

/** No ladder is as long; what says more was not written by us. */
const maxAttempts = 1_000;

/** The attempt a message is on: 1 where the header is absent or senseless. */
export function attemptOf(headers: Headers): number {
  const attempt = headers?.[attemptHeader];
  return typeof attempt === 'number' && Number.isInteger(attempt) && attempt >= 1 && attempt <= maxAttempts
    ? attempt
    : 1;
}

/** What the broker says in its own header where it made the dead letter. */
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
  // The latest death comes first.
  for (const death of deaths as ({ readonly reason?: unknown } | null)[]) {
    const known = brokersReasons.get(death?.reason);
    if (known !== undefined) return known;
  }
  return 'unknown';
}

export const isSuspect = (headers: Headers): boolean => headers?.[suspectHeader] === true;

/**
 * How often the broker handed a message over before and got nothing back, by its own header of quorum queues. A lost
 * connection counts for every message in hand. https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
 */
export function handedOverBefore(headers: Headers): number {
  const count = headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}

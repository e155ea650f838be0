/** Our own headers; none of the broker's (x-death) are read for deciding, as their meaning differs between versions. */
export const attemptHeader = 'x-attempt';
export const reasonHeader = 'x-reason';
export const deadAtHeader = 'x-dead-at';

type Headers = Readonly<Record<string, unknown>> | undefined;

/** No ladder is as long; what says more was not written by us. */
const mostAttempts = 1_000;

/** The attempt a message is on: 1 where the header is absent or senseless. */
export function attemptOf(headers: Headers): number {
  const attempt = headers?.[attemptHeader];
  return typeof attempt === 'number' && Number.isInteger(attempt) && attempt >= 1 && attempt <= mostAttempts
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

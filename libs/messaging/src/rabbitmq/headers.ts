/** Our own headers; none of the broker's (x-death) are read for deciding, as their meaning differs between versions. */
export const attemptHeader = 'x-attempt';
export const reasonHeader = 'x-reason';
export const deadAtHeader = 'x-dead-at';

type Headers = Readonly<Record<string, unknown>> | undefined;

/** The attempt a message is on: 1 where the header is absent or senseless. */
export function attemptOf(headers: Headers): number {
  const attempt = headers?.[attemptHeader];
  return typeof attempt === 'number' && Number.isInteger(attempt) && attempt >= 1 ? attempt : 1;
}

/** Why a message is dead; what the broker itself gave up on says so in its own header. */
export function reasonOf(headers: Headers): string {
  const reason = headers?.[reasonHeader];
  if (typeof reason === 'string') return reason;
  const death = headers?.['x-death'];
  const crashed =
    Array.isArray(death) &&
    (death as { reason?: unknown }[]).some((entry) => entry.reason === 'delivery_limit');
  return crashed ? 'delivery-limit: handling it ended in a crash too often' : 'unknown';
}

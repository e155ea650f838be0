import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a webhook's time may be from ours, either way, in seconds. */
const toleranceSeconds = 300;

/**
 * `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, which is Stripe's scheme
 * (https://docs.stripe.com/webhooks#verify-manually) and, so that it is exercised, the simulated provider's. While a
 * secret is rolled there is one v1 for each.
 */
export const signWebhook = (
  body: Buffer | string,
  secrets: string | readonly string[],
  nowMs: number,
): string => {
  const time = Math.floor(nowMs / 1000);
  const signatures = [secrets].flat().map((secret) => `v1=${digest(time, body, secret).toString('hex')}`);
  return [`t=${time}`, ...signatures].join();
};

/** Is `header` a signature of `body` with the secret, no older or newer than 5 minutes? Compares in constant time. */
export function isSignedWebhook(
  header: string | undefined,
  body: Buffer,
  secret: string,
  nowMs: number,
): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('=', 2) as [string, string?]);
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(nowMs / 1000 - Number(time)) > toleranceSeconds) return false;
  const expected = digest(Number(time), body, secret);
  // While a secret is being rolled, there is one v1 for each.
  return parts.some(
    ([name, value]) =>
      name === 'v1' &&
      value !== undefined &&
      /^[0-9a-f]{64}$/.test(value) &&
      timingSafeEqual(Buffer.from(value, 'hex'), expected),
  );
}

const digest = (time: number, body: Buffer | string, secret: string): Buffer =>
  createHmac('sha256', secret).update(`${time}.`).update(body).digest();

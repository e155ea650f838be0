import { createHmac, timingSafeEqual } from 'node:crypto';

/** Tolerated difference between a webhook's time and ours, in seconds. */
const toleranceSeconds = 300;

/**
 * `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, which is Stripe's scheme
 * (https://docs.stripe.com/webhooks#verify-manually). The simulated provider uses it too, so that it is tested. During
 * a rotation of the secret there is one v1 for each.
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

/** Whether `header` is a signature of `body` with the secret, at most 5 minutes off. Compares in constant time. */
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
  // During a rotation of the secret there is one v1 for each.
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

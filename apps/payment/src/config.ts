import { ConfigError, integer, isWeakSecret, toggle, url } from '@bulkhead/service/config';
import { secret } from '@bulkhead/service/secret';
import type { Mode } from '@bulkhead/service/service';
import { z } from 'zod';
import type { PaymentProvider } from './providers/provider';
import { createSimulatedProvider } from './providers/simulated';
import type * as stripeAdapter from './providers/stripe';

const text = (minLength: number) =>
  z.string().min(minLength, `must have at least ${minLength} characters`).max(500);

export const PaymentConfig = z.object({
  PAYMENT_PROVIDER: z.enum(['simulated', 'stripe'], 'must be simulated or stripe').default('simulated'),
  PAYMENT_ALLOW_SIMULATED: toggle('off').describe('allows the simulated provider in production'),
  PAYMENT_PROVIDER_URL: url('http', 'https').optional().describe('base URL of the provider’s API'),
  PAYMENT_WEBHOOK_SECRET: secret(text(16)).describe(
    'with which the provider signs its webhooks; while it is rolled, the old one on a line of its own',
  ),
  PAYMENT_PROVIDER_TIMEOUT_MS: integer(100, 30_000)
    .default(20_000)
    .describe('timeout of a call to the provider in ms'),
  PAYMENT_PROVIDER_CONCURRENCY: integer(1, 500)
    .default(32)
    .describe('maximum number of concurrent calls to the provider'),
  STRIPE_SECRET_KEY: secret(text(16)).optional().describe('key of Stripe’s API'),
  PAYMENT_RETURN_URL: url('http', 'https')
    .optional()
    .describe('URL that buyers return to after confirming a payment at Stripe'),
});
export type PaymentConfig = z.output<typeof PaymentConfig>;

/** Base URL of Stripe's API. */
export const stripeUrl = ({ PAYMENT_PROVIDER_URL }: Pick<PaymentConfig, 'PAYMENT_PROVIDER_URL'>): string =>
  PAYMENT_PROVIDER_URL ?? 'https://api.stripe.com';

/** @throws ConfigError naming the variable that is missing or invalid */
export function createProvider(config: PaymentConfig, mode: Mode): PaymentProvider {
  const {
    PAYMENT_PROVIDER_URL: baseUrl,
    PAYMENT_WEBHOOK_SECRET: webhookSecret,
    STRIPE_SECRET_KEY: secretKey,
    PAYMENT_RETURN_URL: returnUrl,
  } = config;
  // Anyone who guesses it can report payments that nobody made.
  if (mode === 'production' && webhookSecret.values.some(isWeakSecret))
    throw new ConfigError(
      'PAYMENT_WEBHOOK_SECRET is too weak, which is refused where NODE_ENV=production; use at least 32 random characters.',
    );
  if (config.PAYMENT_PROVIDER === 'stripe') {
    if (!secretKey) throw new ConfigError('STRIPE_SECRET_KEY is missing; PAYMENT_PROVIDER=stripe needs it.');
    // Without it, Stripe responds to a card that requires 3-D Secure with an action that no redirect can perform.
    if (!returnUrl)
      throw new ConfigError(
        'PAYMENT_RETURN_URL is missing; PAYMENT_PROVIDER=stripe needs it for buyers who confirm at their bank.',
      );
    // Its package takes 15 MB and 75 ms, which only those who use it shall pay.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded here, and not with this file
    const { createStripeProvider } = require('./providers/stripe') as typeof stripeAdapter;
    return createStripeProvider({
      url: stripeUrl(config),
      secretKey: () => secretKey.value,
      webhookSecrets: () => webhookSecret.values,
      returnUrl,
    });
  }
  if (mode === 'production' && !config.PAYMENT_ALLOW_SIMULATED)
    throw new ConfigError(
      'PAYMENT_PROVIDER=simulated is refused where NODE_ENV=production, unless PAYMENT_ALLOW_SIMULATED=on.',
    );
  if (!baseUrl) throw new ConfigError('PAYMENT_PROVIDER_URL is missing; the simulated provider needs it.');
  return createSimulatedProvider({ url: baseUrl, webhookSecrets: () => webhookSecret.values });
}

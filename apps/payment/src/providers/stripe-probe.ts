import { failed, type Finding, type Look, ok, warning } from '@bulkhead/service/preflight/probe';
import type { Mode } from '@bulkhead/service/service';
import Stripe from 'stripe';
import { ProviderUnavailable } from './provider';
import { name, unreachable } from './provider-finding';
import { createStripeClient, type StripeClient } from './stripe-client';

export interface StripeAccess {
  readonly url: string;
  readonly key: string;
  readonly mode: Mode;
}

/** Payment's calls to Stripe, and their names among a restricted key's permissions. */
const needed = [
  ['Payment Intents', (api: Stripe) => api.paymentIntents.list({ limit: 1 })],
  ['Charges and Refunds', (api: Stripe) => api.refunds.list({ limit: 1 })],
  ['Disputes', (api: Stripe) => api.disputes.list({ limit: 1 })],
] as const;

/** Stripe: whether it accepts the key, the key's mode, and whether the account may charge. Read-only. */
export async function askStripe(access: StripeAccess, look: Look): Promise<Finding> {
  const { url, key, mode } = access;
  if (isLive(key) && mode !== 'production')
    return failed(
      name,
      `STRIPE_SECRET_KEY is a live key where NODE_ENV is ${mode}: real money would move; set it to a test key.`,
    );
  const client = createStripeClient({ url, secretKey: () => key });
  try {
    return (await whatIsForbidden(client, look.signal)) ?? (await judgeAccount(client, access, look));
  } catch (error) {
    return refused(url, error);
  } finally {
    await client.close();
  }
}

const isLive = (key: string) => /^[a-z]+_live_/.test(key);

async function whatIsForbidden(client: StripeClient, signal: AbortSignal): Promise<Finding | undefined> {
  for (const [resource, ask] of needed) {
    const isForbidden = await client
      .call(signal, async (api) => void (await ask(api)))
      .then(() => false, onlyForbidden);
    if (isForbidden)
      return failed(
        name,
        `STRIPE_SECRET_KEY may not read ${resource}; give the restricted key the permissions that docs/payments.md lists.`,
      );
  }
  return undefined;
}

/** A restricted key with the permissions that payment needs cannot read the account, unless it has more. */
async function judgeAccount(
  client: StripeClient,
  { key, mode }: StripeAccess,
  { signal, clocks }: Look,
): Promise<Finding> {
  const sentAt = Date.now();
  const account = await client
    .call(signal, (api) => api.accounts.retrieveCurrent())
    .catch((error: unknown) => {
      onlyForbidden(error);
      return undefined;
    });
  clocks.noteDate('Stripe', account?.lastResponse.headers['date'], sentAt);
  if (account?.charges_enabled === false)
    return failed(
      name,
      `STRIPE_SECRET_KEY: the account ${account.id} may not charge yet; activate it at https://dashboard.stripe.com/account/onboarding.`,
    );
  if (mode === 'production' && !isLive(key))
    return warning(
      name,
      'STRIPE_SECRET_KEY is a test key where NODE_ENV is production: nobody is charged; set it to a live key before you sell.',
    );
  const whose = account
    ? `account ${account.id}, ${account.default_currency?.toUpperCase() ?? 'no currency'}`
    : 'the key does not show the account';
  return ok(name, `Stripe, ${isLive(key) ? 'live' : 'test'} mode, ${whose}`);
}

/** @returns true if a permission is missing @throws any other error */
function onlyForbidden(error: unknown): true {
  if (error instanceof Stripe.errors.StripePermissionError) return true;
  throw error;
}

function refused(url: string, error: unknown): Finding {
  if (error instanceof ProviderUnavailable) return unreachable(url, error);
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode === 401)
    return failed(
      name,
      'STRIPE_SECRET_KEY is not accepted by Stripe (401); set it to a key that is shown at https://dashboard.stripe.com/apikeys.',
    );
  return failed(
    name,
    `PAYMENT_PROVIDER_URL: Stripe at ${url} responds with ${statusCode ?? message}; try again, or look at https://status.stripe.com.`,
  );
}

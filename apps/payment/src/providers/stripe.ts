import Stripe from 'stripe';
import {
  MalformedWebhook,
  type PaymentProvider,
  type ProviderCharge,
  ProviderUnavailable,
  WebhookRefused,
} from './provider';
import { toCharge, toDispute, toRefund } from './stripe-charge';
import { createStripeClient } from './stripe-client';
import { toStripeAmount } from './stripe-currencies';
import { declinedIntent, readError } from './stripe-errors';
import { toEvent } from './stripe-events';

export interface StripeOptions {
  /** https://api.stripe.com, or a compatible server. */
  readonly url: string;
  /** The current secrets. */
  readonly secretKey: () => string;
  /** One of them must have signed a webhook. */
  readonly webhookSecrets: () => readonly string[];
  /** Where buyers return to after confirming a payment. */
  readonly returnUrl: string;
}

/** Reads of a PaymentIntent include its charge and the latest refunds. */
const expand = ['latest_charge.refunds'];

/** Maximum number of refunds or disputes of one charge that are read. */
const maxListed = 100;

/**
 * Stripe (https://docs.stripe.com/api): a PaymentIntent with manual capture for each order, with the order id in its
 * metadata. It is created first and confirmed by a second call: an intent that is only created authorises nothing, and
 * the outcome of a confirmation can be read by the intent's id (docs/decisions/0017).
 */
export function createStripeProvider(options: StripeOptions): PaymentProvider {
  const { returnUrl } = options;
  const client = createStripeClient(options);

  const call = <Result>(signal: AbortSignal, work: (api: Stripe) => Promise<Result>): Promise<Result> =>
    client.call(signal, work).catch((error: unknown) => {
      throw readError(error);
    });

  /** The intent returned by the work, or the one whose card was declined by it. */
  const change = async (
    signal: AbortSignal,
    work: (api: Stripe) => Promise<Stripe.PaymentIntent>,
  ): Promise<ProviderCharge> => {
    const withDeclined = async (api: Stripe) => {
      try {
        return await work(api);
      } catch (error) {
        const declined = declinedIntent(error);
        if (declined) return declined;
        throw error;
      }
    };
    return toCharge(await call(signal, withDeclined));
  };

  /** A rejected read says nothing about the charge. */
  const read = async <Result>(signal: AbortSignal, work: (api: Stripe) => Promise<Result>) => {
    try {
      return await client.call(signal, work);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeError && error.statusCode === 404) return undefined;
      if (error instanceof ProviderUnavailable) throw error;
      throw new ProviderUnavailable('unknown', { cause: error });
    }
  };

  const readIntent = async (id: string, signal: AbortSignal): Promise<Stripe.PaymentIntent | undefined> => {
    const intent = await read(signal, (api) => api.paymentIntents.retrieve(id, { expand }));
    const charge = typeof intent?.latest_charge === 'object' ? intent.latest_charge : null;
    if (!charge?.refunds?.has_more) return intent;
    const refunds = await read(signal, (api) => api.refunds.list({ payment_intent: id, limit: maxListed }));
    if (refunds) charge.refunds = { ...charge.refunds, data: refunds.data };
    return intent;
  };

  const isDisputed = ({ latest_charge: charge }: Stripe.PaymentIntent): boolean =>
    typeof charge === 'object' && charge?.disputed === true;

  const lookupByReference = async (id: string, signal: AbortSignal, withDisputes: boolean) => {
    const intent = await readIntent(id, signal);
    if (!intent) return undefined;
    const charge = toCharge(intent);
    if (!withDisputes && !isDisputed(intent)) return charge;
    const disputes = await read(signal, (api) => api.disputes.list({ payment_intent: id, limit: maxListed }));
    return { ...charge, disputes: disputes?.data.map(toDispute) ?? [] };
  };

  return {
    name: 'stripe',
    signatureHeader: 'stripe-signature',
    authorise: ({ orderId, amount, currency, paymentMethod, reference, idempotencyKey }, signal) =>
      change(signal, (api) =>
        reference === null
          ? api.paymentIntents.create(
              {
                amount: toStripeAmount(amount, currency),
                currency: currency.toLowerCase(),
                payment_method: paymentMethod,
                allowed_payment_method_types: ['card'],
                capture_method: 'manual',
                metadata: { order_id: orderId },
              },
              { idempotencyKey },
            )
          : api.paymentIntents.confirm(
              reference,
              { payment_method: paymentMethod, return_url: returnUrl },
              { idempotencyKey },
            ),
      ),
    capture: ({ reference, amount, currency, idempotencyKey }, signal) =>
      change(signal, (api) =>
        api.paymentIntents.capture(
          reference,
          { amount_to_capture: toStripeAmount(amount, currency) },
          { idempotencyKey },
        ),
      ),
    void: ({ reference, idempotencyKey }, signal) =>
      change(signal, (api) => api.paymentIntents.cancel(reference, {}, { idempotencyKey })),
    async refund({ orderId, reference, amount, currency, refundId, idempotencyKey }, signal) {
      const refund = await call(signal, (api) =>
        api.refunds.create(
          {
            payment_intent: reference,
            amount: toStripeAmount(amount, currency),
            metadata: { order_id: orderId, refund_id: refundId },
          },
          { idempotencyKey },
        ),
      );
      // A repeated call returns the refund as it was then, so a later read takes precedence, if there is one.
      const charge = await lookupByReference(reference, signal, false);
      if (!charge) throw new ProviderUnavailable('unknown');
      const isListed = charge.refunds.some((listed) => listed.reference === refund.id);
      return isListed ? charge : { ...charge, refunds: [...charge.refunds, toRefund(refund)] };
    },
    async lookup({ orderId, reference, withDisputes = false }, signal) {
      if (reference !== null) return lookupByReference(reference, signal, withDisputes);
      // Search lags behind writes: if nothing is found, the creation is repeated, which authorises nothing.
      const query = `metadata['order_id']:'${orderId}'`;
      const found = await read(signal, (api) => api.paymentIntents.search({ query, limit: maxListed }));
      const charges = found?.data.map(toCharge) ?? [];
      const [best] = charges.sort((a, b) => relevance.indexOf(a.status) - relevance.indexOf(b.status));
      return best && lookupByReference(best.reference, signal, withDisputes);
    },
    readWebhook({ body, signature, receivedAt }) {
      const read = (secret: string) =>
        client.webhooks.constructEvent(body, signature ?? '', secret, undefined, undefined, receivedAt);
      let event: Stripe.Event;
      try {
        event = withAnySecret(options.webhookSecrets(), read);
      } catch (cause) {
        const isForged = isForgery(cause);
        // A signed body that is not an event of this kind (a "thin" one) contains nothing useful.
        if (!isForged && isJson(body)) return undefined;
        if (isForged) throw new WebhookRefused('The signature is missing, invalid or expired.', { cause });
        throw new MalformedWebhook('the body is not JSON', { cause });
      }
      return toEvent(event);
    },
    close: () => client.close(),
  };
}

/**
 * Of several intents of one order, only one was ever confirmed; the others were created by calls without a response.
 */
const relevance: ProviderCharge['status'][] = [
  'captured',
  'authorised',
  'processing',
  'requires_action',
  'created',
  'declined',
  'voided',
];

const isForgery = (error: unknown) => error instanceof Stripe.errors.StripeSignatureVerificationError;

/** The result of `read` with the first secret that matches its signature. @throws what it throws for the last one */
function withAnySecret<T>(secrets: readonly string[], read: (secret: string) => T): T {
  const [secret = '', ...others] = secrets;
  try {
    return read(secret);
  } catch (error) {
    if (others.length === 0 || !isForgery(error)) throw error;
    return withAnySecret(others, read);
  }
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

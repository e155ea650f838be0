import { z } from 'zod';
import { createProviderHttp, refusal } from './http';
import { type PaymentProvider, type ProviderCharge, ProviderUnavailable } from './provider';
import { isPaymentIntent, PaymentIntent, readStripeEvent, StripeError, toCharge } from './stripe-objects';

export interface StripeOptions {
  /** https://api.stripe.com, or a server of its shape. */
  readonly url: string;
  readonly secretKey: string;
  /** Where buyers come back to after they confirmed a payment. */
  readonly returnUrl: string | undefined;
}

/** Reads of a PaymentIntent take its charge along, which alone knows what was given back. */
const expandCharge = 'expand[]=latest_charge.refunds';

/**
 * Stripe's REST API (https://docs.stripe.com/api): a PaymentIntent with manual capture for each order, which carries the
 * order id in its metadata, and an Idempotency-Key on every write.
 */
export function createStripeProvider({ url, secretKey, returnUrl }: StripeOptions): PaymentProvider {
  const http = createProviderHttp(url);
  const authorization = `Bearer ${secretKey}`;

  const read = async (path: string, signal: AbortSignal): Promise<unknown> => {
    const { status, body } = await http.send({ method: 'GET', path, headers: { authorization }, signal });
    if (status === 404) return undefined;
    if (status >= 400) throw new ProviderUnavailable('unknown');
    return body;
  };

  /** @returns the object written, or the PaymentIntent whose card was declined */
  const write = async (
    path: string,
    form: Record<string, string>,
    idempotencyKey: string,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const { status, body } = await http.send({
      method: 'POST',
      path,
      headers: {
        authorization,
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': idempotencyKey,
      },
      body: new URLSearchParams(form).toString(),
      signal,
    });
    if (status < 400) return body;
    const error = StripeError.safeParse(body).data?.error;
    // 409: a request with this key is still running. 401 and 403 speak of our key, not of the payment.
    if (status === 409 || status === 401 || status === 403 || !error)
      throw new ProviderUnavailable(status === 409 ? 'unknown' : 'not-sent');
    if (error.payment_intent && error.type === 'card_error') return error.payment_intent;
    throw refusal(error.decline_code ?? error.code ?? error.type);
  };

  const intent = async (id: string, signal: AbortSignal): Promise<ProviderCharge | undefined> => {
    const found = await read(`/v1/payment_intents/${encodeURIComponent(id)}?${expandCharge}`, signal);
    return found === undefined ? undefined : readIntent(found);
  };
  /** What a write has made of it; the write's own answer does not tell all. */
  const intentAfter = async (id: string, signal: AbortSignal): Promise<ProviderCharge> => {
    const charge = await intent(id, signal);
    if (!charge) throw new ProviderUnavailable('unknown');
    return charge;
  };

  return {
    name: 'stripe',
    signatureHeader: 'stripe-signature',
    async authorise({ orderId, amount, currency, paymentMethod, idempotencyKey }, signal) {
      const form = {
        amount: String(amount),
        currency: currency.toLowerCase(),
        payment_method: paymentMethod,
        'payment_method_types[]': 'card',
        capture_method: 'manual',
        confirm: 'true',
        'metadata[order_id]': orderId,
        ...(returnUrl === undefined ? {} : { return_url: returnUrl }),
      };
      return readIntent(await write('/v1/payment_intents', form, idempotencyKey, signal));
    },
    async capture({ reference, amount, idempotencyKey }, signal) {
      const path = `/v1/payment_intents/${encodeURIComponent(reference)}/capture`;
      return readIntent(await write(path, { amount_to_capture: String(amount) }, idempotencyKey, signal));
    },
    async void({ reference, idempotencyKey }, signal) {
      const path = `/v1/payment_intents/${encodeURIComponent(reference)}/cancel`;
      return readIntent(await write(path, {}, idempotencyKey, signal));
    },
    async refund({ reference, amount, refundId, idempotencyKey }, signal) {
      const form = { payment_intent: reference, amount: String(amount), 'metadata[refund_id]': refundId };
      await write('/v1/refunds', form, idempotencyKey, signal);
      return intentAfter(reference, signal);
    },
    async lookup({ orderId, reference }, signal) {
      if (reference !== null) return intent(reference, signal);
      // Search lags behind writes; whoever finds nothing here repeats the write with its key, which does not.
      const query = encodeURIComponent(`metadata['order_id']:'${orderId}'`);
      const path = `/v1/payment_intents/search?query=${query}&limit=1&expand[]=data.latest_charge.refunds`;
      const found = SearchResult.safeParse(await read(path, signal));
      if (!found.success) throw new ProviderUnavailable('unknown', { cause: found.error });
      const [first] = found.data.data;
      return first === undefined ? undefined : readIntent(first);
    },
    readWebhook: readStripeEvent,
    close: () => http.close(),
  };
}

const SearchResult = z.object({ data: z.array(z.unknown()) });

function readIntent(body: unknown): ProviderCharge {
  const found = PaymentIntent.safeParse(body);
  if (!found.success || !isPaymentIntent(found.data))
    throw new ProviderUnavailable('unknown', { cause: found.error });
  return toCharge(found.data);
}

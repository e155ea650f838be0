import { maxAmount } from '@bulkhead/contracts/primitives';
import { z } from 'zod';
import { createProviderHttp, refusal } from './http';
import {
  MalformedWebhook,
  type PaymentProvider,
  type ProviderCharge,
  ProviderUnavailable,
  WebhookRefused,
} from './provider';
import { isSignedWebhook } from './webhook-signature';

/** Without NUL, which PostgreSQL rejects in text. */
const word = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000]*$/);
const amount = z.int().min(0).max(maxAmount);

export const SimulatedRefund = z.object({
  id: word(100).min(1),
  /** The shop's id of it. */
  refundId: word(100).nullable(),
  amount: amount.min(1),
  status: z.enum(['pending', 'succeeded', 'failed']),
  failure: word(100).nullable(),
});
export type SimulatedRefund = z.infer<typeof SimulatedRefund>;

/** A charge in the format of the simulated provider's API and webhooks. */
export const SimulatedCharge = z.object({
  id: word(100).min(1),
  orderId: z.uuid(),
  amount,
  currency: word(100),
  status: z.enum(['requires_action', 'authorised', 'declined', 'captured', 'voided']),
  reason: word(100).nullable(),
  actionUrl: word(500).nullable(),
  captured: amount,
  /** Of the succeeded refunds. */
  refunded: amount,
  refunds: z.array(SimulatedRefund).max(1_000).default([]),
});
export type SimulatedCharge = z.infer<typeof SimulatedCharge>;

const SimulatedEvent = z.object({ id: word(100).min(1), charge: SimulatedCharge });

export interface SimulatedOptions {
  readonly url: string;
  /** The current secrets with which it may have signed a webhook. */
  readonly webhookSecrets: () => readonly string[];
}

/** Client of our simulated provider (src/simulated-provider) over HTTP, like any other. */
export function createSimulatedProvider({ url, webhookSecrets }: SimulatedOptions): PaymentProvider {
  const http = createProviderHttp(url);

  const post = async (
    path: string,
    idempotencyKey: string,
    body: object,
    signal: AbortSignal,
  ): Promise<ProviderCharge> => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const response = await http.send({ method: 'POST', path, headers, body: JSON.stringify(body), signal });
    if (response.status >= 400) throw refusal((response.body as { error?: unknown } | null)?.error);
    return readCharge(response.body);
  };

  return {
    name: 'simulated',
    signatureHeader: 'webhook-signature',
    authorise: ({ orderId, amount, currency, paymentMethod, idempotencyKey }, signal) =>
      post('/charges', idempotencyKey, { orderId, amount, currency, paymentMethod }, signal),
    capture: ({ reference, amount, idempotencyKey }, signal) =>
      post(`/charges/${encodeURIComponent(reference)}/capture`, idempotencyKey, { amount }, signal),
    void: ({ reference, idempotencyKey }, signal) =>
      post(`/charges/${encodeURIComponent(reference)}/void`, idempotencyKey, {}, signal),
    refund: ({ reference, amount, refundId, idempotencyKey }, signal) =>
      post(`/charges/${encodeURIComponent(reference)}/refunds`, idempotencyKey, { amount, refundId }, signal),
    async lookup({ orderId }, signal) {
      const { body } = await http.send({ method: 'GET', path: `/charges?orderId=${orderId}`, signal });
      const found = z.object({ items: z.array(z.unknown()) }).safeParse(body);
      if (!found.success) throw new ProviderUnavailable('unknown', { cause: found.error });
      const [first] = found.data.items;
      return first === undefined ? undefined : readCharge(first);
    },
    readWebhook({ body, signature, receivedAt }) {
      if (!webhookSecrets().some((secret) => isSignedWebhook(signature, body, secret, receivedAt)))
        throw new WebhookRefused('The signature is missing, invalid or expired.');
      const told = parseJson(body);
      if (!z.object({ charge: z.unknown() }).safeParse(told).data?.charge) return undefined;
      const event = SimulatedEvent.safeParse(told);
      if (!event.success) throw new MalformedWebhook(z.prettifyError(event.error));
      const { id, charge } = event.data;
      return {
        id,
        type: 'charge',
        orderId: charge.orderId,
        reference: charge.id,
        charge: toProviderCharge(charge),
        isAboutDispute: false,
      };
    },
    close: () => http.close(),
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new MalformedWebhook('the body is not JSON', { cause });
  }
}

function readCharge(body: unknown): ProviderCharge {
  const charge = SimulatedCharge.safeParse(body);
  if (!charge.success) throw new ProviderUnavailable('unknown', { cause: charge.error });
  return toProviderCharge(charge.data);
}

/** Maps a charge to payment's model. */
export const toProviderCharge = (charge: SimulatedCharge): ProviderCharge => {
  const { id, status, reason, actionUrl, currency, captured, refunded, refunds } = charge;
  return {
    reference: id,
    status,
    reason,
    actionUrl,
    currency,
    captured,
    refunded,
    refunds: refunds.map(({ id: reference, ...refund }) => ({ reference, ...refund })),
  };
};

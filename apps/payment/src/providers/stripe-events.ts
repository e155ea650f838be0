import { z } from 'zod';
import type Stripe from 'stripe';
import type { ProviderCharge, ProviderEvent } from './provider';
import { toCharge } from './stripe-charge';

/**
 * Events that are true of an intent whenever they arrive: the money was authorised, captured or voided. Any other event
 * may be outdated, so the intent is read instead.
 */
const lasting = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.canceled',
]);

/** Reports nothing that is not known earlier: our own call is still in progress. */
const ignored = new Set(['payment_intent.created']);

const about = /^(payment_intent|charge|refund)\./;

/** @returns undefined for an event that is not about a PaymentIntent, its charge, refunds or disputes */
export function toEvent(event: Stripe.Event): ProviderEvent | undefined {
  if (ignored.has(event.type) || !about.test(event.type)) return undefined;
  const object = EventObject.safeParse(event.data.object);
  if (!object.success) return undefined;
  const reference = referenceOf(object.data);
  if (reference === undefined) return undefined;
  return {
    id: event.id,
    type: event.type,
    orderId: OrderId.safeParse(object.data.metadata?.['order_id']).data,
    reference,
    charge: lasting.has(event.type) ? lastingCharge(event.data.object as Stripe.PaymentIntent) : undefined,
    isAboutDispute: object.data.object === 'dispute',
  };
}

/** An endpoint with another API version may send objects in another format; they are then read again. */
function lastingCharge(intent: Stripe.PaymentIntent): ProviderCharge | undefined {
  try {
    const charge = toCharge(intent);
    return Number.isSafeInteger(charge.captured) ? charge : undefined;
  } catch {
    return undefined;
  }
}

const OrderId = z.uuid();

/** The fields shared by events of every API version since 2019. */
const EventObject = z.object({
  object: z.string(),
  id: z.string().min(1).max(255),
  payment_intent: z.union([z.string().max(255), z.object({ id: z.string().max(255) })]).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

function referenceOf({ object, id, payment_intent }: z.infer<typeof EventObject>): string | undefined {
  if (object === 'payment_intent') return id;
  return typeof payment_intent === 'object' ? payment_intent?.id : payment_intent;
}

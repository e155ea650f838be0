import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Queryable } from '@bulkhead/database/database';
import type { ProviderCharge, ProviderEvent } from '../providers/provider';
import { decide } from './decide';
import { hearOldNews } from './old-news.sql';
import type { Payment } from './payment';
import { transitions } from './transitions';

/** The payment of a webhook, and how to process the webhook. */
export interface Heard {
  readonly payment: Payment;
  /** The webhook was received before. */
  readonly isKnown: boolean;
  /** It reported nothing new, and is recorded. */
  readonly isOld: boolean;
}

/**
 * Finds the payments of webhooks, and records each webhook that reports nothing new, all in one statement. Most of them
 * do: the response of the call that they report was recorded before they arrived.
 * @returns for each webhook what was found; undefined if the charge is not ours
 */
export async function hearIfOld(
  database: Queryable,
  events: readonly ProviderEvent[],
  provider: string,
): Promise<(Heard | undefined)[]> {
  const of = <T>(value: (event: ProviderEvent) => T): T[] => events.map(value);
  const { rows } = await database.query<Payment & { place: number; isKnown: boolean; isOld: boolean }>({
    ...hearOldNews,
    values: [
      provider,
      of(({ id }) => id),
      of(({ orderId }) => orderId ?? null),
      of(({ reference }) => reference),
      of(({ charge }) => JSON.stringify(charge ? statusesThatStay(charge) : [])),
      of(({ charge }) => charge?.captured ?? 0),
      of(({ charge }) => charge?.currency ?? null),
    ],
  });
  const found = new Map(
    rows.map(({ place, isKnown, isOld, ...payment }) => [place, { payment, isKnown, isOld }]),
  );
  return events.map((_, index) => found.get(index + 1));
}

/** The statuses in which a payment that knows the charge and its captured amount is not moved by it. */
function statusesThatStay(charge: ProviderCharge): PaymentStatus[] {
  const { reference: providerReference, captured, refunds, refunded, disputes = [] } = charge;
  if (refunds.length > 0 || refunded > 0 || disputes.length > 0) return [];
  const all = Object.keys(transitions) as PaymentStatus[];
  return all.filter((status) => !decide({ status, providerReference, captured }, charge));
}

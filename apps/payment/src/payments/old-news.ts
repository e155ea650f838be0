import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Queryable } from '@bulkhead/database/database';
import type { ProviderCharge, ProviderEvent } from '../providers/provider';
import { decide } from './decide';
import { hearOldNews } from './old-news.sql';
import type { Payment } from './payment';
import { transitions } from './transitions';

/** The payment that a webhook is about, and what was to be done about it. */
export interface Heard {
  readonly payment: Payment;
  /** The webhook came before. */
  readonly isKnown: boolean;
  /** It told nothing that is not known, and is remembered. */
  readonly isOld: boolean;
}

/**
 * Finds the payment of a webhook, and takes the webhook where it tells nothing new, all in one statement. Most do: the
 * response of the call that they tell of was recorded before they came.
 * @returns undefined where the charge is not ours
 */
export async function hearIfOld(
  database: Queryable,
  { id, orderId, reference, charge }: ProviderEvent,
  provider: string,
): Promise<Heard | undefined> {
  const { rows } = await database.query<Payment & { isKnown: boolean; isOld: boolean }>({
    ...(orderId === undefined ? hearOldNews.byReference : hearOldNews.byOrder),
    values: [
      provider,
      id,
      orderId ?? reference,
      reference,
      charge ? statusesThatStay(charge) : [],
      charge?.captured ?? 0,
      charge?.currency,
    ],
  });
  if (!rows[0]) return undefined;
  const { isKnown, isOld, ...payment } = rows[0];
  return { payment, isKnown, isOld };
}

/** In which of its statuses a payment that knows the charge, and of the money that was captured, is not moved by it. */
function statusesThatStay(charge: ProviderCharge): PaymentStatus[] {
  const { reference: providerReference, captured, refunds, refunded, disputes = [] } = charge;
  if (refunds.length > 0 || refunded > 0 || disputes.length > 0) return [];
  const all = Object.keys(transitions) as PaymentStatus[];
  return all.filter((status) => !decide({ status, providerReference, captured }, charge));
}

import { Amount, CurrencyCode, Id } from '@bulkhead/contracts/primitives';
import { z } from 'zod';

export const NoFacts = z.object({});
export const OrderFacts = z.object({ orderId: Id });
export const SomeMoney = z.object({ amount: Amount, currency: CurrencyCode });
export const ChargedOrderFacts = OrderFacts.extend({ total: SomeMoney });

/** URL of an order's page in the shop. */
export const orderUrl = (publicUrl: string, orderId: string): string => `${publicUrl}/orders/${orderId}`;

/** How a mail identifies an order: the end of its id, which is random, whereas the beginning is a timestamp. */
export const orderNumber = (orderId: string): string => orderId.slice(-8).toUpperCase();

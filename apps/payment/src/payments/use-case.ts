import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Database, Queryable } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { problem } from '@bulkhead/service/errors';
import type { Ids } from '@bulkhead/service/ids';
import type { Engine } from './engine';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { MoneyMetrics } from './money-metrics';
import { type Payment, paymentColumns } from './payment';

/** What the use cases on payments are made of. */
export interface PaymentDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly money: MoneyMetrics;
  readonly logger: Logger;
  readonly engine: Engine;
  /** The provider of new payments. */
  readonly provider: string;
}

export async function findByOrder(database: Queryable, orderId: string): Promise<Payment | undefined> {
  const { rows } = await database.query<Payment>({
    name: 'payment-by-order',
    text: `select ${paymentColumns} from payments where order_id = $1`,
    values: [orderId],
  });
  return rows[0];
}

/** @throws ProblemError not-found */
export async function getByOrder(database: Queryable, orderId: string): Promise<Payment> {
  const payment = await findByOrder(database, orderId);
  if (!payment) throw problem('not-found', 'There is no payment of this order.');
  return payment;
}

/** The definite "no" of a payment's state machine. */
export const statusConflict = (status: PaymentStatus, detail: string, reason?: string | null) =>
  problem('conflict', {
    detail,
    extensions: { paymentStatus: status, ...(reason === undefined || reason === null ? {} : { reason }) },
  });

/** Lets the provider be asked for what the payment's status says, and gives the payment as it is then. */
export async function advanced(
  { database, engine }: PaymentDependencies,
  { id, orderId }: Payment,
  deadline: Deadline,
): Promise<Payment> {
  await engine.advance(id, deadline);
  return getByOrder(database, orderId);
}

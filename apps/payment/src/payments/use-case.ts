import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { problem } from '@bulkhead/service/errors';
import type { Ids } from '@bulkhead/service/ids';
import type { Batches } from './batches';
import type { Engine } from './engine';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { MoneyMetrics } from './money-metrics';
import type { CaptureKey } from './operations';

/** Dependencies of the use cases on payments. */
export interface PaymentDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly money: MoneyMetrics;
  readonly logger: Logger;
  readonly engine: Engine;
  readonly batches: Batches;
  readonly captureKey: CaptureKey;
  /** The provider for new payments. */
  readonly provider: string;
}

/** The definite rejection of a payment's state machine. */
export const statusConflict = (status: PaymentStatus, detail: string, reason?: string | null) =>
  problem('conflict', {
    detail,
    extensions: { paymentStatus: status, ...(reason === undefined || reason === null ? {} : { reason }) },
  });

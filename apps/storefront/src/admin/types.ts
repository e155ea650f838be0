import type { AccountDetails, SecurityEvent as SecurityEventSchema } from '@bulkhead/contracts/auth/schemas';
import type {
  Stock as StockSchema,
  StockLevel as StockLevelSchema,
  StockMovement as StockMovementSchema,
} from '@bulkhead/contracts/inventory/api';
import type { AdminOrder as AdminOrderSchema } from '@bulkhead/contracts/order/api';
import type {
  Payment as PaymentSchema,
  PaymentDetails as PaymentDetailsSchema,
} from '@bulkhead/contracts/payment/api';
import type { ProductDraft as ProductDraftSchema } from '@bulkhead/contracts/product/api';
import type { z } from 'zod';

export type Account = z.output<typeof AccountDetails>;
export type SecurityEvent = z.output<typeof SecurityEventSchema>;
export type StockLevel = z.output<typeof StockLevelSchema>;
export type Stock = z.output<typeof StockSchema>;
export type StockMovement = z.output<typeof StockMovementSchema>;
export type StaffOrder = z.output<typeof AdminOrderSchema>;
export type Payment = z.output<typeof PaymentSchema>;
export type PaymentDetails = z.output<typeof PaymentDetailsSchema>;
export type ProductDraft = z.input<typeof ProductDraftSchema>;

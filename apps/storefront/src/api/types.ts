/** The API's types only: no schema of the contracts is bundled into the page. */
import type { Account, BrowserSignedIn, BrowserTokens } from '@bulkhead/contracts/auth/schemas';
import type { Notification as NotificationSchema } from '@bulkhead/contracts/notification/api';
import type {
  NewOrder as NewOrderSchema,
  Order as OrderSchema,
  OrderDetails as OrderDetailsSchema,
  OrderState as OrderStateSchema,
  OrderStatus as OrderStatusSchema,
} from '@bulkhead/contracts/order/api';
import type { Money as MoneySchema } from '@bulkhead/contracts/primitives';
import type {
  Product as ProductSchema,
  ProductPage as ProductPageSchema,
} from '@bulkhead/contracts/product/api';
import type {
  Address as AddressSchema,
  DataExport as DataExportSchema,
  Erasure as ErasureSchema,
  NewAddress as NewAddressSchema,
  Profile as ProfileSchema,
} from '@bulkhead/contracts/profile/api';
import type { SearchHit as SearchHitSchema } from '@bulkhead/contracts/search/api';
import type { z } from 'zod';

export type Money = z.output<typeof MoneySchema>;
export type Product = z.output<typeof ProductSchema>;
export type ProductPage = z.output<typeof ProductPageSchema>;
export type SearchHit = z.output<typeof SearchHitSchema>;
export type Order = z.output<typeof OrderSchema>;
export type OrderDetails = z.output<typeof OrderDetailsSchema>;
export type OrderState = z.output<typeof OrderStateSchema>;
export type OrderStatus = z.output<typeof OrderStatusSchema>;
export type NewOrder = z.input<typeof NewOrderSchema>;
export type Message = z.output<typeof NotificationSchema>;
export type Profile = z.output<typeof ProfileSchema>;
export type Address = z.output<typeof AddressSchema>;
export type NewAddress = z.input<typeof NewAddressSchema>;
export type DataExport = z.output<typeof DataExportSchema>;
export type Erasure = z.output<typeof ErasureSchema>;
export type User = z.output<typeof Account>;
export type SignedIn = z.output<typeof BrowserSignedIn>;
export type AccessToken = z.output<typeof BrowserTokens>;

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

import { authService } from '@bulkhead/app/auth/src/app';
import { gatewayService } from '@bulkhead/app/gateway/src/app';
import { inventoryService } from '@bulkhead/app/inventory/src/app';
import { notificationService } from '@bulkhead/app/notification/src/app';
import { orderService } from '@bulkhead/app/order/src/app';
import { paymentService } from '@bulkhead/app/payment/src/app';
import { productService } from '@bulkhead/app/product/src/app';
import { profileService } from '@bulkhead/app/profile/src/app';
import { searchService } from '@bulkhead/app/search/src/app';
import type { ServiceDefinition } from '@bulkhead/service/service';

/** Every service of the shop. */
export const definitions = [
  gatewayService,
  authService,
  profileService,
  productService,
  searchService,
  inventoryService,
  orderService,
  paymentService,
  notificationService,
] as unknown as readonly ServiceDefinition[];

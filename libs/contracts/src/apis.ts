import { authApi } from './auth/api';
import { inventoryApi } from './inventory/api';
import { notificationApi } from './notification/api';
import { orderApi } from './order/api';
import { paymentApi } from './payment/api';
import { productApi } from './product/api';
import { profileApi } from './profile/api';
import { searchApi } from './search/api';

/** Everything the gateway offers, by the service that answers it. */
export const publicApis = {
  auth: authApi,
  profile: profileApi,
  product: productApi,
  search: searchApi,
  inventory: inventoryApi,
  order: orderApi,
  payment: paymentApi,
  notification: notificationApi,
} as const;

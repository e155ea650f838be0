import type { Endpoint, Endpoints } from './endpoint';
import type { ServiceName } from './services';
import { authApi, authInternal } from './auth/api';
import { inventoryApi, inventoryInternal } from './inventory/api';
import { notificationApi, notificationInternal } from './notification/api';
import { orderApi, orderInternal } from './order/api';
import { paymentApi, paymentInternal } from './payment/api';
import { productApi, productInternal } from './product/api';
import { profileApi, profileInternal } from './profile/api';
import { searchApi } from './search/api';

/** The public endpoints of the gateway, by the service that implements them. */
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

/** The internal endpoints, by the service that implements them. */
export const internalApis = {
  auth: authInternal,
  profile: profileInternal,
  product: productInternal,
  inventory: inventoryInternal,
  order: orderInternal,
  payment: paymentInternal,
  notification: notificationInternal,
} as const;

/** Every endpoint of a service, public and internal. */
export const promisedBy = (service: ServiceName): readonly Endpoint[] =>
  [publicApis, internalApis].flatMap((apis: Readonly<Partial<Record<ServiceName, Endpoints>>>) =>
    Object.values(apis[service] ?? {}),
  );

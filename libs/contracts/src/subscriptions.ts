import * as auth from './auth/events';
import { defineSubscription, type SubscriptionDefinition } from './event';
import * as inventory from './inventory/events';
import * as order from './order/events';
import * as payment from './payment/events';
import * as product from './product/events';
import { erased } from './profile/erased';
import * as profile from './profile/events';
import { type ErasingService, erasingServices, type ServiceName } from './services';

const hearsErasure = <S extends ErasingService>(service: S) =>
  defineSubscription({ group: `${service}.erasure`, service, events: [profile.erasureRequested] });

/** Every service that stores personal data subscribes to erasure requests: `authErasure`, `orderErasure` … */
const erasures = Object.fromEntries(
  erasingServices.map((service) => [`${service}Erasure`, hearsErasure(service)]),
) as { readonly [S in ErasingService as `${S}Erasure`]: ReturnType<typeof hearsErasure<S>> };

/**
 * All subscriptions: the whole topology of the shop's events. All queues and bindings are declared from this table, by
 * the consumers and by every relay before its first publish, so that an event sent before its consumer ever ran is
 * kept.
 */
export const subscriptions = {
  profileUsers: defineSubscription({
    group: 'profile.users',
    service: 'profile',
    events: [auth.userRegistered],
  }),
  profileErasure: defineSubscription({
    group: 'profile.erasure',
    service: 'profile',
    events: Object.values(erased),
  }),
  searchCatalog: defineSubscription({
    group: 'search.catalog',
    service: 'search',
    events: [product.productCreated, product.productUpdated, product.productDeleted],
  }),
  searchStock: defineSubscription({
    group: 'search.stock',
    service: 'search',
    events: [inventory.stockDepleted, inventory.stockReplenished],
  }),
  inventoryCatalog: defineSubscription({
    group: 'inventory.catalog',
    service: 'inventory',
    events: [product.productCreated],
  }),
  orderPayments: defineSubscription({
    group: 'order.payments',
    service: 'order',
    events: [
      payment.paymentAuthorised,
      payment.paymentActionRequired,
      payment.paymentDeclined,
      payment.paymentCaptured,
      payment.paymentFailed,
      payment.paymentVoided,
      payment.paymentRefunded,
      payment.refundUpdated,
    ],
  }),
  orderReservations: defineSubscription({
    group: 'order.reservations',
    service: 'order',
    events: [inventory.reservationExpired],
  }),
  notificationOrders: defineSubscription({
    group: 'notification.orders',
    service: 'notification',
    events: [
      order.orderConfirmed,
      order.orderRejected,
      order.orderCancelled,
      order.orderExpired,
      order.orderRefunded,
      order.orderRefundPaid,
      order.orderRefundFailed,
    ],
  }),
  notificationUsers: defineSubscription({
    group: 'notification.users',
    service: 'notification',
    events: [
      auth.userRegistered,
      auth.emailVerificationRequested,
      auth.passwordResetRequested,
      auth.passwordChanged,
    ],
  }),
  ...erasures,
} as const satisfies Record<string, SubscriptionDefinition>;

/** The consumer groups of a service. */
export const groupsOf = (service: ServiceName): string[] =>
  Object.values<SubscriptionDefinition>(subscriptions)
    .filter((subscription) => subscription.service === service)
    .map(({ group }) => group);

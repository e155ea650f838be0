import * as auth from './auth/events';
import { defineSubscription, type SubscriptionDefinition } from './event';
import * as inventory from './inventory/events';
import * as order from './order/events';
import * as payment from './payment/events';
import * as product from './product/events';
import * as profile from './profile/events';

/**
 * Who hears what: the whole topology of the shop's events. All queues and bindings are made from this table, by the
 * consumers and by every relay before its first publish, so that an event sent before its reader ever ran is kept.
 */
export const subscriptions = {
  authErasure: defineSubscription({
    group: 'auth.erasure',
    service: 'auth',
    events: [profile.erasureRequested],
  }),
  profileUsers: defineSubscription({
    group: 'profile.users',
    service: 'profile',
    events: [auth.userRegistered],
  }),
  profileErasure: defineSubscription({
    group: 'profile.erasure',
    service: 'profile',
    events: [profile.authErased, profile.orderErased, profile.paymentErased, profile.notificationErased],
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
  orderErasure: defineSubscription({
    group: 'order.erasure',
    service: 'order',
    events: [profile.erasureRequested],
  }),
  paymentErasure: defineSubscription({
    group: 'payment.erasure',
    service: 'payment',
    events: [profile.erasureRequested],
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
  notificationErasure: defineSubscription({
    group: 'notification.erasure',
    service: 'notification',
    events: [profile.erasureRequested],
  }),
} as const satisfies Record<string, SubscriptionDefinition>;

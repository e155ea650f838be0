import type { ErasingService } from '@bulkhead/contracts/profile/api';
import {
  authErased,
  notificationErased,
  orderErased,
  paymentErased,
} from '@bulkhead/contracts/profile/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { recordAnswer } from '../erasure/record-answer';

const services: Record<string, ErasingService> = {
  [authErased.type]: 'auth',
  [orderErased.type]: 'order',
  [paymentErased.type]: 'payment',
  [notificationErased.type]: 'notification',
};

/** Hears which services have forgotten a person. */
export const userErasedSubscription = (): Subscription =>
  subscribe(subscriptions.profileErasure, ({ type, data }, { tx }) => {
    const service = services[type];
    if (!service) throw new Error(`no service answers with ${type}`);
    return recordAnswer(tx, data, service);
  });

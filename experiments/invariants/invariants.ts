import { acknowledgedOrdersExist } from './checks/acknowledged-orders-exist';
import { capturedOnce } from './checks/captured-once';
import { endingsAreToldOnce } from './checks/endings-are-told-once';
import { eventsReachTheirGroups } from './checks/events-reach-their-groups';
import { ledgerBalances } from './checks/ledger-balances';
import { mailsArriveOnce } from './checks/mails-arrive-once';
import { moneyFollowsOrders } from './checks/money-follows-orders';
import { noDeadLetters } from './checks/no-dead-letters';
import { oneEffectPerKey } from './checks/one-effect-per-key';
import { ordersEndOnce } from './checks/orders-end-once';
import { outboxesAreEmpty } from './checks/outboxes-are-empty';
import { projectionsAgree } from './checks/projections-agree';
import { providerAgrees } from './checks/provider-agrees';
import { queuesAreEmpty } from './checks/queues-are-empty';
import { reservationsFollowOrders } from './checks/reservations-follow-orders';
import { stockIsConserved } from './checks/stock-is-conserved';
import { transitionsAreLegal } from './checks/transitions-are-legal';
import type { Invariant } from './invariant';

/** All that must be true of the shop at rest. */
export const invariants: readonly Invariant[] = [
  acknowledgedOrdersExist,
  ordersEndOnce,
  transitionsAreLegal,
  oneEffectPerKey,
  stockIsConserved,
  reservationsFollowOrders,
  moneyFollowsOrders,
  ledgerBalances,
  providerAgrees,
  capturedOnce,
  eventsReachTheirGroups,
  projectionsAgree,
  endingsAreToldOnce,
  mailsArriveOnce,
  noDeadLetters,
  outboxesAreEmpty,
  queuesAreEmpty,
];

import { eventsReachTheirGroups } from './checks/events-reach-their-groups';
import { moneyFollowsOrders } from './checks/money-follows-orders';
import { projectionsAgree } from './checks/projections-agree';
import { providerAgrees } from './checks/provider-agrees';
import { reservationsFollowOrders } from './checks/reservations-follow-orders';
import type { Invariant } from './invariant';
import { asText } from './report';
import { runChecks } from './run-checks';
import type { ShopView } from './shop-view';

/** What services know of each other, and what mends it where they disagree. */
const agreements: readonly { readonly invariant: Invariant; readonly remedy: string }[] = [
  {
    invariant: eventsReachTheirGroups,
    remedy:
      'Send them again: node main.js resend SERVICE --since TIME-OF-THE-BACKUP in the pods of its senders, or npm run reconcile -- --resend SERVICE.',
  },
  {
    invariant: projectionsAgree,
    remedy: 'Send the events again as above; for search, rebuild the index (POST /api/v1/search/rebuild).',
  },
  {
    invariant: reservationsFollowOrders,
    remedy:
      'Of an order that is not there any more, give the pieces back with an adjustment of the stock; see node main.js orders stuck in the pod of order for the others.',
  },
  {
    invariant: moneyFollowsOrders,
    remedy:
      'Of an order that is not there any more, refund the payment (POST /api/v1/payments/{id}/refunds).',
  },
  {
    invariant: providerAgrees,
    remedy:
      'The provider is right about what it charged. Look the charge up there before anybody is refunded.',
  },
];

/**
 * Compares what the services know of each other, once the shop is at rest. Nothing is written.
 * @param patienceMs how long to wait for that
 * @returns whether they agree, and what to show a person: what was found, and what mends it
 */
export async function compareServices(
  shop: ShopView,
  patienceMs: number,
): Promise<{ readonly agree: boolean; readonly text: string }> {
  const report = await runChecks(
    shop,
    patienceMs,
    agreements.map(({ invariant }) => invariant),
  );
  const broken = new Set(
    report.invariants.filter(({ verdict }) => verdict === 'broken').map(({ name }) => name),
  );
  const remedies = agreements
    .filter(({ invariant }) => broken.has(invariant.name))
    .map(({ invariant, remedy }) => `${invariant.name}: ${remedy}`);
  return { agree: report.verdict === 'holds', text: [asText(report), ...remedies].join('\n') };
}

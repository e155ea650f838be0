import type { ProviderRefund } from '../providers/provider';
import type { RefundRow } from './refunds';

/** Changes that make one refund agree with the provider's report. */
export type RefundChange =
  /** The provider knows it by this reference; nothing has moved. */
  | { readonly kind: 'accepted'; readonly refund: RefundRow; readonly told: ProviderRefund }
  | { readonly kind: 'settled'; readonly refund: RefundRow; readonly told: ProviderRefund }
  /** It was created at the provider. */
  | { readonly kind: 'made-there'; readonly told: ProviderRefund };

/**
 * Compares a provider's report of its refunds with the recorded ones, whatever the order and number of reports: a
 * status only moves forward, from pending to succeeded to failed. A refund missing from a report is not considered
 * deleted.
 * @returns the changes, failures first, so that no intermediate sum exceeds what was captured; or 'contradiction' if a
 *   refund has another amount than before, or more than `captured` minor units were refunded
 */
export function refundNews(
  known: readonly RefundRow[],
  told: readonly ProviderRefund[],
  captured: number,
): RefundChange[] | 'contradiction' {
  const unclaimed = [...known];
  const changes: RefundChange[] = [];
  for (const each of furthestOf(told)) {
    const refund = match(unclaimed, each);
    if (!refund) {
      changes.push({ kind: 'made-there', told: each });
      continue;
    }
    unclaimed.splice(unclaimed.indexOf(refund), 1);
    if (each.amount !== refund.amount) return 'contradiction';
    if (each.status !== refund.status && rank[each.status] > rankOf(refund))
      changes.push({ kind: 'settled', refund, told: each });
    else if (refund.providerReference === null) changes.push({ kind: 'accepted', refund, told: each });
  }
  return givenBackAfter(known, changes) > captured ? 'contradiction' : changes.sort(failuresFirst);
}

/** A refund that is reported twice counts once, with its latest status. */
function furthestOf(told: readonly ProviderRefund[]): Iterable<ProviderRefund> {
  const byReference = new Map<string, ProviderRefund>();
  for (const each of told) {
    const other = byReference.get(each.reference);
    if (!other || rank[each.status] > rank[other.status]) byReference.set(each.reference, each);
  }
  return byReference.values();
}

function match(known: readonly RefundRow[], told: ProviderRefund): RefundRow | undefined {
  const unheard = known.filter(({ providerReference }) => providerReference === null);
  return (
    known.find(({ providerReference }) => providerReference === told.reference) ??
    unheard.find(({ id }) => id === told.refundId) ??
    // Written when only the sum of refunds was known.
    unheard.find(({ origin, amount }) => origin === 'provider' && amount === told.amount)
  );
}

const rank = { pending: 0, succeeded: 1, failed: 2 } as const;

/** A refund that was recorded as refused but is reported by the provider anyway starts again. */
const rankOf = ({ status, providerReference }: RefundRow): number =>
  status === 'failed' && providerReference === null ? -1 : rank[status];

function givenBackAfter(known: readonly RefundRow[], changes: readonly RefundChange[]): number {
  const settled = new Map(
    changes.map((change) => [change.kind === 'made-there' ? '' : change.refund.id, change.told]),
  );
  const made = changes.filter(({ kind }) => kind === 'made-there').map(({ told }) => told);
  return [...known.map((refund) => settled.get(refund.id) ?? refund), ...made]
    .filter(({ status }) => status === 'succeeded')
    .reduce((sum, { amount }) => sum + amount, 0);
}

const failuresFirst = (one: RefundChange, other: RefundChange): number =>
  rank[other.told.status] - rank[one.told.status];

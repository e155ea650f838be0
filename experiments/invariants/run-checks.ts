import type { Invariant, Offence } from './invariant';
import { invariants } from './invariants';
import { type Quiescence, waitForQuiescence } from './quiescence';
import type { ShopView } from './shop-view';

export type Verdict = 'holds' | 'broken' | 'skipped';

export interface Checked {
  readonly name: string;
  readonly sentence: string;
  readonly verdict: Verdict;
  readonly examined: number;
  readonly offences: readonly Offence[];
  /** Why it was skipped. */
  readonly reason?: string;
}

/** What `--json FILE` holds. */
export interface CheckReport {
  readonly at: string;
  readonly verdict: 'holds' | 'broken';
  readonly quiescence: Quiescence;
  /** When nothing was on its way any more, or was waited for no longer. RFC 3339. */
  readonly restAt: string;
  readonly invariants: readonly Checked[];
}

/**
 * Waits for the shop to come to rest, at most `patienceMs`, and checks the invariants. Nothing is written.
 * @param chosen default: every one
 */
export async function runChecks(
  shop: ShopView,
  patienceMs: number,
  chosen: readonly Invariant[] = invariants,
): Promise<CheckReport> {
  const quiescence = await waitForQuiescence(shop, patienceMs);
  const restAt = new Date().toISOString();
  const checked: Checked[] = [];
  for (const invariant of chosen) checked.push(await judge(invariant, shop));
  const isBroken = !quiescence.reached || checked.some(({ verdict }) => verdict === 'broken');
  return {
    at: new Date().toISOString(),
    verdict: isBroken ? 'broken' : 'holds',
    quiescence,
    restAt,
    invariants: checked,
  };
}

async function judge(invariant: Invariant, shop: ShopView): Promise<Checked> {
  const { name, sentence } = invariant;
  const reason = invariant.skip?.(shop);
  if (reason !== undefined) return { name, sentence, verdict: 'skipped', examined: 0, offences: [], reason };
  const { examined, offences } = await invariant.check(shop);
  return { name, sentence, verdict: offences.length === 0 ? 'holds' : 'broken', examined, offences };
}

import type { LoadPlan, Rates, Surge } from '../load/plan';
import type { RequestClass } from '../load/samples';
import type { Shop, ShopKind, ShopOptions } from '../shop/shop';
import type { Observation } from './observation';
import type { Phases } from './phases';

/** An experiment on the whole shop: what is believed, what is done to it, and what must stay true. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** What happens to shops like this, for somebody who has not lived through it. */
  readonly story: string;
  readonly steadyState: string;
  readonly hypothesis: string;
  /** What is done, in words. */
  readonly fault: string;
  /** Side by side on the same load. Default: the services alone. */
  readonly subjects?: readonly ShopKind[];
  readonly rates: Rates;
  readonly load?: Partial<Pick<LoadPlan, 'paymentMethods' | 'patienceMs'>>;
  /** More people, or all for one thing, while the fault lasts. */
  readonly surge?: Omit<Surge, 'from' | 'to'>;
  readonly shop?: ShopOptions;
  /** Which requests its report draws. Default: orders and the catalog. */
  readonly shows?: readonly RequestClass[];
  /** The shortest load that it needs, in s. */
  readonly atLeast?: number;
  /** Parts of the time before the fault and during it. Default 0.3 and 0.4. */
  readonly shares?: { readonly before: number; readonly during: number };
  /** Before the first request: what holds for the whole run, and is no fault. */
  prepare?(shop: Shop): Promise<void>;
  /** Within which all orders have ended once the fault has, in s. Default 30. */
  readonly settlesWithin?: number;
  /** Puts the fault in when its time has come, and takes it back at its end. */
  inject(run: Run): Promise<void>;
  /** What the observations say, by subject. */
  judge(observed: Observed): readonly Verdict[];
}

export interface Run {
  readonly shop: Shop;
  readonly phases: Phases;
  /** How long the fault lasts, in ms. */
  readonly faultMs: number;
  /** Waits until `part` (0 to 1) of the fault's time is over. */
  until(part: number): Promise<void>;
  /** Marks this moment in the report. */
  note(text: string): void;
  /** Keeps a number for the judgement. */
  measure(name: string, value: number): void;
  /** Names dead letters that the experiment itself has made, by message id. */
  explain(messageIds: readonly string[]): void;
}

export type Observed = Readonly<Partial<Record<ShopKind, Observation>>> & {
  /** The observation of a subject; throws if it was not one. */
  of(kind: ShopKind): Observation;
};

export interface Verdict {
  readonly claim: string;
  readonly holds: boolean;
  /** What was measured, with units. */
  readonly measured: string;
  /**
   * 'correctness': true or false whatever the machine does meanwhile, and so a reason to fail. 'timing': void where the
   * generator was late, and on a machine that is shared only to be read.
   */
  readonly kind: 'correctness' | 'timing';
}

export const correct = (claim: string, holds: boolean, measured: string): Verdict => ({
  kind: 'correctness',
  claim,
  holds,
  measured,
});

export const timed = (claim: string, holds: boolean, measured: string): Verdict => ({
  kind: 'timing',
  claim,
  holds,
  measured,
});

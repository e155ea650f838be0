import type { ShopView } from './shop-view';

/** Something that breaks an invariant: which row, and what is wrong with it. */
export interface Offence {
  /** Id of the order, event, SKU, … so that it can be looked up. */
  readonly subject: string;
  readonly problem: string;
}

export interface Finding {
  /** Rows looked at: an invariant that looked at none proves nothing, and the report says so. */
  readonly examined: number;
  readonly offences: readonly Offence[];
}

/** One sentence that is true of the shop whenever it is at rest, whatever happened to it before. */
export interface Invariant {
  readonly name: string;
  readonly sentence: string;
  /** Says why it cannot be judged here, where it cannot: another provider, no mailbox to read. */
  skip?(shop: ShopView): string | undefined;
  check(shop: ShopView): Promise<Finding>;
}

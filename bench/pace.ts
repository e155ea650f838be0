/** How thorough a run is. */
export interface Pace {
  /** Pairs of a comparison. */
  readonly pairs: number;
  /** Length of one measurement under load, in s. */
  readonly seconds: number;
  /** Part of the usual amount of work, where an amount is measured. */
  readonly share: number;
}

/** What the figures come from: medians of at least five pairs. */
export const thorough: Pace = { pairs: 7, seconds: 2, share: 1 };
/** Shows that every bench runs and gives numbers. They mean nothing. */
export const smoke: Pace = { pairs: 1, seconds: 1, share: 0.05 };

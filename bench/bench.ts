import type { Ratios } from './comparison';
import type { Pace } from './pace';

/** How many times faster than the usual way. */
export interface RatioOutcome {
  readonly kind: 'ratio';
  readonly ours: string;
  readonly theirs: string;
  /** What is counted, as `orders/s`. */
  readonly unit: string;
  readonly ratios: Ratios;
  /** What was checked besides the speed. */
  readonly checked?: string;
}

/** Sizes that must stay below a limit. */
export interface SizesOutcome {
  readonly kind: 'sizes';
  readonly sizes: readonly { readonly what: string; readonly bytes: number; readonly most?: number }[];
}

/** How often something is done for one thing that is asked for; must stay below a limit. */
export interface CountsOutcome {
  readonly kind: 'counts';
  readonly counts: readonly {
    readonly what: string;
    readonly count: number;
    readonly most?: number;
    /** What it is made of. */
    readonly detail: string;
  }[];
}

/** Figures of one thing seen from several sides; each is told with what is wanted of it. */
export interface FiguresOutcome {
  readonly kind: 'figures';
  readonly figures: readonly {
    readonly what: string;
    /** As measured, pair by pair, where there are pairs. */
    readonly values: readonly number[];
    readonly atLeast?: number;
    readonly atMost?: number;
    /** Default `×`: times the other side. */
    readonly unit?: string;
    readonly detail: string;
  }[];
}

interface Described {
  /** As in `npm run bench -- NAME`. */
  readonly name: string;
  readonly title: string;
}

export interface RatioBench extends Described {
  /** The ratio that the design promises. Undefined: told for comparison only. */
  readonly target: number | undefined;
  run(pace: Pace): Promise<RatioOutcome>;
}

export interface SizesBench extends Described {
  run(pace: Pace): Promise<SizesOutcome>;
}

export interface CountsBench extends Described {
  run(pace: Pace): Promise<CountsOutcome>;
}

export interface FiguresBench extends Described {
  run(pace: Pace): Promise<FiguresOutcome>;
}

export type Bench = RatioBench | SizesBench | CountsBench | FiguresBench;

/** A run that broke is told of, and no reason for the others not to run. */
export interface FailedOutcome {
  readonly kind: 'failed';
  readonly reason: string;
}

export type Finding =
  | { readonly bench: Bench; readonly outcome: FailedOutcome }
  | { readonly bench: RatioBench; readonly outcome: RatioOutcome }
  | { readonly bench: SizesBench; readonly outcome: SizesOutcome }
  | { readonly bench: CountsBench; readonly outcome: CountsOutcome }
  | { readonly bench: FiguresBench; readonly outcome: FiguresOutcome };

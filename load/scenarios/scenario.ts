import type { Stage } from '../arrivals';
import type { World } from '../journeys';
import type { Shop } from '../shop';
import type { Threshold } from '../thresholds';

export interface Scenario {
  readonly name: string;
  /** One line for the list of scenarios. */
  readonly about: string;
  /** Arrivals per second at the peak, and for how long, unless the command says otherwise. */
  readonly defaults: { readonly rate: number; readonly seconds: number };
  stages(rate: number, seconds: number): readonly Stage[];
  /** Share of arrivals that buy: as many people are registered as that takes. */
  readonly buyers: number;
  readonly thresholds: readonly Threshold[];
  /** Anything to look up before the run. @returns what each arrival does, and what to check afterwards */
  begin(world: World): Promise<Run>;
}

export interface Run {
  journey(dueAt: number, index: number): Promise<void>;
  /** @returns what was wrong, in sentences */
  check?(shop: Shop): Promise<readonly string[]>;
}

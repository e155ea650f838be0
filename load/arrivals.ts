/** A stretch of time in which the rate goes evenly from one value to another. */
export interface Stage {
  readonly seconds: number;
  /** Arrivals per second at its start. */
  readonly from: number;
  /** Arrivals per second at its end. */
  readonly to: number;
}

export const constant = (rate: number, seconds: number): Stage => ({ from: rate, to: rate, seconds });
export const ramp = (from: number, to: number, seconds: number): Stage => ({ from, to, seconds });

export const secondsOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0);

/** How many arrive in a stage. */
const countOf = ({ from, to, seconds }: Stage) => ((from + to) / 2) * seconds;

/**
 * When each arrival is due, in ms from the start. People come when they come: whether the shop answers has no part in
 * it, or a slow shop would be asked less and look fast.
 */
export function* arrivals(stages: readonly Stage[]): Generator<number> {
  let stageStartMs = 0;
  let before = 0;
  let next = 0;
  for (const stage of stages) {
    const count = countOf(stage);
    for (; next - before < count; next += 1) yield stageStartMs + momentOf(stage, next - before) * 1_000;
    before += count;
    stageStartMs += stage.seconds * 1_000;
  }
}

/** Seconds into the stage until `n` have arrived: n = from·t + (to − from)·t² / (2·seconds), solved for t. */
function momentOf({ from, to, seconds }: Stage, n: number): number {
  const growth = (to - from) / (2 * seconds);
  if (Math.abs(growth) < 1e-9) return n / from;
  const root = Math.sqrt(Math.max(0, from * from + 4 * growth * n));
  return (2 * n) / (from + root || 1);
}

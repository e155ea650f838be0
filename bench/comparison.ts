/** One side of a comparison, ready to be measured again and again. */
export interface Side {
  readonly name: string;
  /** Measures once. @returns operations per second @throws Error where the run was broken: errors, lost work */
  measure(): Promise<number>;
}

/** Two sides measured in turns, and how many times faster the first is. */
export interface Comparison {
  readonly ours: Side;
  readonly theirs: Side;
  /** Number of pairs; the first measurement of each side comes before them and does not count. */
  readonly pairs: number;
}

export interface Ratios {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** ours / theirs, pair by pair, in the order they were measured. */
  readonly ratios: readonly number[];
}

/**
 * Measures A B A B …: what disturbs the machine disturbs both of a pair, so their ratio holds where the numbers
 * themselves do not.
 */
export async function compare({ ours, theirs, pairs }: Comparison): Promise<Ratios> {
  await ours.measure();
  await theirs.measure();
  const result = { ours: [] as number[], theirs: [] as number[], ratios: [] as number[] };
  for (let pair = 0; pair < pairs; pair++) {
    const our = await ours.measure();
    const their = await theirs.measure();
    result.ours.push(our);
    result.theirs.push(their);
    result.ratios.push(our / their);
  }
  return result;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

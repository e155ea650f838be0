/** How fast something was. */
export interface Speed {
  /** Operations per second of time that passed. */
  readonly perSecond: number;
  /** Operations per second of CPU time that the measured process used, all its threads together; for servers. */
  readonly perCpuSecond?: number;
}

/** One side of a comparison, ready to be measured again and again. */
export interface Side {
  readonly name: string;
  /** Measures once. @throws Error where the run was broken: errors, lost work */
  measure(): Promise<Speed>;
}

/** Two sides measured in turns, and how many times faster the first is. */
export interface Comparison {
  readonly ours: Side;
  readonly theirs: Side;
  /** Number of pairs; some measurements of each side come before them and do not count. */
  readonly pairs: number;
}

export interface Ratios {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** ours / theirs, pair by pair, in the order they were measured: of CPU where both are servers, else of time. */
  readonly ratios: readonly number[];
  /** The same by the time that passed, where `ratios` is by CPU. */
  readonly byTime?: readonly number[];
}

/** V8 compiles what runs often only after some thousand runs; until then much code looks slower than little code. */
const warmUps = 3;

/**
 * Measures A B A B …: what disturbs the machine disturbs both of a pair, so their ratio holds where the numbers
 * themselves do not.
 */
export async function compare({ ours, theirs, pairs }: Comparison): Promise<Ratios> {
  for (let turn = 0; turn < warmUps; turn++) {
    await ours.measure();
    await theirs.measure();
  }
  const found: { our: Speed; their: Speed }[] = [];
  for (let pair = 0; pair < pairs; pair++)
    found.push({ our: await ours.measure(), their: await theirs.measure() });
  const byTime = found.map(({ our, their }) => our.perSecond / their.perSecond);
  const byCpu = found.map(({ our, their }) => (our.perCpuSecond ?? NaN) / (their.perCpuSecond ?? NaN));
  const onCpu = byCpu.every((ratio) => !Number.isNaN(ratio));
  const shown = ({ perSecond, perCpuSecond }: Speed) => (onCpu ? perCpuSecond! : perSecond);
  return {
    ours: found.map(({ our }) => shown(our)),
    theirs: found.map(({ their }) => shown(their)),
    ...(onCpu ? { ratios: byCpu, byTime } : { ratios: byTime }),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Exponential backoff with jitter over its upper half: between half and all of `min · 2^n`, at most `max`, ms. */
export function createBackoff(options: {
  readonly minMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}): { next(): number; reset(): void } {
  let failures = 0;
  return {
    next() {
      const ceiling = Math.min(options.maxMs, options.minMs * 2 ** failures);
      failures = Math.min(failures + 1, 30);
      return ceiling * (0.5 + options.random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}

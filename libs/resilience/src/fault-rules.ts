export type FaultKind = 'route' | 'peer' | 'database' | 'broker' | 'provider' | 'smtp';

/** A place in the code where faults can strike, such as `{ kind: 'peer', name: 'payment' }`. */
export interface FaultPoint {
  readonly kind: FaultKind;
  readonly name: string;
}

/** In ms. */
export type Latency =
  | { readonly distribution: 'fixed'; readonly ms: number }
  | { readonly distribution: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly distribution: 'normal'; readonly meanMs: number; readonly stddevMs: number };

export type FaultEffect =
  /** Goes on, but later. */
  | { readonly type: 'latency'; readonly latency: Latency }
  /** Fails with this HTTP status (default 500) and code (default EFAULT). */
  | { readonly type: 'error'; readonly status?: number; readonly code?: string }
  /** Does not go on until the signal aborts or the rule ends. */
  | { readonly type: 'hang' }
  /** Fails as a broken connection does: 502, ECONNRESET. */
  | { readonly type: 'reset' };

export interface FaultRule {
  readonly id: string;
  readonly target: {
    readonly kind: FaultKind;
    /** Where `*` stands for any characters. */
    readonly name: string;
  };
  readonly effect: FaultEffect;
  /** Part of the calls it strikes, 0 to 1. */
  readonly share: number;
  /** How long the rule lives, in ms; at most `maxFaultDurationMs`, so that no experiment is forgotten. */
  readonly durationMs: number;
}

export const maxFaultRules = 32;
export const maxFaultDurationMs = 600_000;
export const maxFaultLatencyMs = 60_000;

/** @throws RangeError naming the first rule that is out of bounds. */
export function checkFaultRules(rules: readonly FaultRule[]): void {
  const demand = (holds: boolean, sentence: string) => {
    if (!holds) throw new RangeError(sentence);
  };
  demand(rules.length <= maxFaultRules, `there can be at most ${maxFaultRules} faults`);
  demand(new Set(rules.map(({ id }) => id)).size === rules.length, 'each fault needs an id of its own');
  for (const { id, share, durationMs, effect } of rules) {
    demand(share >= 0 && share <= 1, `${id}: share must be between 0 and 1`);
    demand(
      durationMs >= 1 && durationMs <= maxFaultDurationMs,
      `${id}: durationMs must be between 1 and ${maxFaultDurationMs}`,
    );
    if (effect.type === 'error') {
      const { status = 500 } = effect;
      demand(Number.isInteger(status) && status >= 400 && status <= 599, `${id}: status must be 400 to 599`);
    }
    if (effect.type !== 'latency') continue;
    const { distribution: _, ...figures } = effect.latency;
    demand(
      Object.values(figures).every((ms: number) => ms >= 0 && ms <= maxFaultLatencyMs),
      `${id}: latencies must be between 0 and ${maxFaultLatencyMs} ms`,
    );
  }
}

export const strikesAt = ({ target, share }: FaultRule, point: FaultPoint, random: () => number): boolean =>
  target.kind === point.kind && matchesGlob(target.name, point.name) && random() < share;

/** Takes each piece between stars at its first place: linear, where a regular expression could backtrack for ever. */
export function matchesGlob(glob: string, name: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  const tail = rest.pop();
  if (tail === undefined) return glob === name;
  if (!name.startsWith(head)) return false;
  let from = head.length;
  for (const piece of rest) {
    const at = name.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return name.length - from >= tail.length && name.endsWith(tail);
}

/** One draw, in ms, between 0 and `maxFaultLatencyMs`. */
export function drawLatencyMs(latency: Latency, random: () => number): number {
  switch (latency.distribution) {
    case 'fixed':
      return latency.ms;
    case 'uniform':
      return latency.minMs + random() * (latency.maxMs - latency.minMs);
    case 'normal': {
      // Box–Muller; 1 - random() is never 0.
      const deviation = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Math.min(maxFaultLatencyMs, Math.max(0, latency.meanMs + deviation * latency.stddevMs));
    }
  }
}

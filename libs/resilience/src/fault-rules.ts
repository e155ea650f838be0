import { processFaultBounds } from './process-faults';

/**
 * Where faults apply. `route`: requests of this process, by operation id. `peer`: calls to another service, by service
 * and operation. `database`: statements, by service and name. `broker`: publishing and consuming events. `consumer`:
 * handling events, by group and event type. `provider`: calls to the payment provider. `smtp`: outgoing mail.
 * `process`: the process itself.
 */
export const faultKinds = [
  'route',
  'peer',
  'database',
  'broker',
  'consumer',
  'provider',
  'smtp',
  'process',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A point in the code where faults can apply, such as `{ kind: 'peer', name: 'payment.authorise' }`. */
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
  /** Adds latency. */
  | { readonly type: 'latency'; readonly latency: Latency }
  /** Fails with this status (default 500: HTTP's, or SMTP's reply code) and code (default EFAULT). */
  | { readonly type: 'error'; readonly status?: number; readonly code?: string }
  /** Blocks until the signal aborts or the rule expires. */
  | { readonly type: 'hang' }
  /** Fails like a broken connection, before anything was done: 502, ECONNRESET. */
  | { readonly type: 'reset' }
  /** Is done, then fails like a broken connection: the outcome is lost. */
  | { readonly type: 'answer-lost' }
  /** The payment provider declines. */
  | { readonly type: 'decline'; readonly reason?: string }
  /** Passes through a queue with this many servers, each busy for `ms` per call. Limits the throughput. */
  | { readonly type: 'queue'; readonly places: number; readonly ms: number }
  /** The process exits at once, as with `kill -9`. */
  | { readonly type: 'crash' }
  /** Blocks the event loop for `ms`: once per call, or in the process every `everyMs` (default: once). */
  | { readonly type: 'block'; readonly ms: number; readonly everyMs?: number }
  /** Uses this share of the event loop's thread. */
  | { readonly type: 'cpu'; readonly share: number }
  /** Allocates this many bytes of memory. */
  | { readonly type: 'memory'; readonly bytes: number }
  /** Shifts the process's wall clock by `ms`; the monotonic clock is unaffected, as with a real clock. */
  | { readonly type: 'skew'; readonly ms: number };
export type FaultEffectType = FaultEffect['type'];

const onCalls: readonly FaultKind[] = ['route', 'peer', 'database', 'broker', 'consumer', 'provider', 'smtp'];

/** Which effects are valid for which target. */
export const effectKinds: Readonly<Record<FaultEffectType, readonly FaultKind[]>> = {
  latency: onCalls,
  error: onCalls,
  hang: onCalls,
  reset: onCalls,
  'answer-lost': onCalls,
  queue: onCalls,
  decline: ['provider'],
  crash: faultKinds,
  block: faultKinds,
  cpu: ['process'],
  memory: ['process'],
  skew: ['process'],
};

export const faultEffectTypes = Object.keys(effectKinds) as readonly FaultEffectType[];

export interface FaultRule {
  readonly id: string;
  readonly target: {
    readonly kind: FaultKind;
    /** `*` matches any characters. A name without a dot also matches everything that begins with it and a dot. */
    readonly name: string;
  };
  readonly effect: FaultEffect;
  /** Share of the calls that are affected, 0 to 1. */
  readonly share: number;
  /** How long the rule is active, in ms; at most `maxFaultDurationMs`, so that no experiment is left running. */
  readonly durationMs: number;
}

export const maxFaultRules = 32;
export const maxFaultDurationMs = 600_000;
export const maxFaultLatencyMs = 60_000;
export const maxFaultSkewMs = 24 * 3_600_000;

/** @throws RangeError naming the first rule that is out of bounds */
export function checkFaultRules(rules: readonly FaultRule[]): void {
  demand(rules.length <= maxFaultRules, `there can be at most ${maxFaultRules} faults`);
  demand(new Set(rules.map(({ id }) => id)).size === rules.length, 'each fault needs an id of its own');
  for (const rule of rules) checkRule(rule);
}

function demand(holds: boolean, sentence: string): void {
  if (!holds) throw new RangeError(sentence);
}

function checkRule({ id, share, durationMs, effect, target }: FaultRule): void {
  const within = (value: number, min: number, max: number, name: string) =>
    demand(value >= min && value <= max, `${id}: ${name} must be between ${min} and ${max}`);
  within(share, 0, 1, 'share');
  within(durationMs, 1, maxFaultDurationMs, 'durationMs');
  demand(
    effectKinds[effect.type].includes(target.kind),
    `${id}: ${effect.type} applies to ${effectKinds[effect.type].join(', ')}, not to ${target.kind}`,
  );
  switch (effect.type) {
    case 'error': {
      const { status = 500 } = effect;
      return demand(
        Number.isInteger(status) && status >= 400 && status <= 599,
        `${id}: status must be 400 to 599`,
      );
    }
    case 'latency': {
      const { distribution: _, ...figures } = effect.latency;
      return demand(
        Object.values(figures).every((ms: number) => ms >= 0 && ms <= maxFaultLatencyMs),
        `${id}: latencies must be between 0 and ${maxFaultLatencyMs} ms`,
      );
    }
    case 'queue':
      demand(Number.isInteger(effect.places), `${id}: places must be a whole number`);
      within(effect.places, 1, 10_000, 'places');
      return within(effect.ms, 0, maxFaultLatencyMs, 'ms');
    case 'block':
      within(effect.ms, 0, processFaultBounds.maxBlockMs, 'ms');
      return within(effect.everyMs ?? effect.ms, effect.ms, maxFaultDurationMs, 'everyMs');
    case 'cpu':
      within(effect.share, 0, 1, 'the effect’s share');
      return within(durationMs, 1, processFaultBounds.maxDurationMs, 'durationMs');
    case 'memory':
      within(effect.bytes, 0, processFaultBounds.maxMemoryBytes, 'bytes');
      return within(durationMs, 1, processFaultBounds.maxDurationMs, 'durationMs');
    case 'skew':
      return within(effect.ms, -maxFaultSkewMs, maxFaultSkewMs, 'ms');
    default:
  }
}

export const appliesTo = ({ target, share }: FaultRule, point: FaultPoint, random: () => number): boolean =>
  target.kind === point.kind && isNamedBy(target.name, point.name) && random() < share;

const isNamedBy = (glob: string, name: string): boolean =>
  matchesGlob(glob, name) || (!glob.includes('.') && matchesGlob(`${glob}.*`, name));

/**
 * Matches each piece between stars at its first occurrence: linear, where a regular expression could backtrack
 * exponentially.
 */
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

/** A random delay, in ms, between 0 and `maxFaultLatencyMs`. */
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

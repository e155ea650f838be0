import type { Clock } from './clock';
import {
  checkFaultRules,
  drawLatencyMs,
  type FaultPoint,
  type FaultRule,
  maxFaultDurationMs,
  strikesAt,
} from './fault-rules';

export interface ActiveFault extends FaultRule {
  /** Ms until it ends by itself. */
  readonly remainingMs: number;
}

/** Faults on purpose, for experiments: rules that are set from outside strike at named points of the code. */
export interface Faults {
  /** False where faults are switched off, for good. */
  readonly enabled: boolean;
  /**
   * Replaces all rules; `[]` ends every fault, and whoever it holds up goes on.
   * @throws FaultsDisabled, or RangeError for rules out of bounds.
   */
  set(rules: readonly FaultRule[]): void;
  list(): readonly ActiveFault[];
  /**
   * Lets the rules strike that match `point`: waits, throws, or does nothing.
   * @throws InjectedFault, or the signal's reason while waiting.
   */
  apply(point: FaultPoint, signal?: AbortSignal): Promise<void>;
}

/** The error of a fault on purpose; `status` and `code` are what a real one would carry. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  readonly status: number;
  readonly code: string;
  constructor(rule: string, status: number, code: string) {
    super(`Injected by fault ${rule}`);
    this.status = status;
    this.code = code;
  }
}

export class FaultsDisabled extends Error {
  override readonly name = 'FaultsDisabled';
  constructor() {
    super('Faults are switched off in this process');
  }
}

export interface FaultsOptions {
  readonly clock: Clock;
  /** False gives the shared registry that refuses rules and does nothing. */
  readonly enabled: boolean;
  /** In [0, 1). Default Math.random. */
  readonly random?: () => number;
}

export function createFaults({ clock, enabled, random = Math.random }: FaultsOptions): Faults {
  if (!enabled) return disabledFaults;
  let active: readonly ActiveRule[] = [];

  const activate = (rule: FaultRule): ActiveRule => {
    const ended = new AbortController();
    const end = () => {
      timer.cancel();
      active = active.filter((other) => other !== activated);
      ended.abort(new RuleEnded());
    };
    const timer = clock.setTimer(end, rule.durationMs);
    const activated = { rule, endsAt: clock.monotonic() + rule.durationMs, ended: ended.signal, end };
    return activated;
  };

  const strike = async ({ rule: { id, effect }, ended }: ActiveRule, signal?: AbortSignal) => {
    if (effect.type === 'reset') throw new InjectedFault(id, 502, 'ECONNRESET');
    if (effect.type === 'error') throw new InjectedFault(id, effect.status ?? 500, effect.code ?? 'EFAULT');
    const ms = effect.type === 'hang' ? maxFaultDurationMs : drawLatencyMs(effect.latency, random);
    await clock.sleep(ms, signal ? AbortSignal.any([signal, ended]) : ended).catch((reason: unknown) => {
      if (!(reason instanceof RuleEnded)) throw reason;
    });
  };

  const strikeAll = async (rules: readonly ActiveRule[], signal?: AbortSignal) => {
    for (const rule of rules) await strike(rule, signal);
  };

  return {
    enabled,
    set(rules) {
      checkFaultRules(rules);
      for (const former of active) former.end();
      active = rules.map(activate);
    },
    list: () => active.map(({ rule, endsAt }) => ({ ...rule, remainingMs: endsAt - clock.monotonic() })),
    apply(point, signal) {
      const struck = active.filter(({ rule }) => strikesAt(rule, point, random));
      return struck.length === 0 ? nothing : strikeAll(struck, signal);
    },
  };
}

interface ActiveRule {
  readonly rule: FaultRule;
  readonly endsAt: number;
  /** Aborts when the rule expires or is replaced. */
  readonly ended: AbortSignal;
  end(): void;
}

class RuleEnded extends Error {
  override readonly name = 'RuleEnded';
}

const nothing = Promise.resolve();

const disabledFaults: Faults = {
  enabled: false,
  set() {
    throw new FaultsDisabled();
  },
  list: () => [],
  apply: () => nothing,
};

import { type Bulkhead, createBulkhead } from './bulkhead';
import type { Clock } from './clock';
import {
  checkFaultRules,
  drawLatencyMs,
  type FaultPoint,
  type FaultRule,
  maxFaultDurationMs,
  appliesTo,
} from './fault-rules';
import { blockEventLoop, burnCpu, crash as crashForGood, growMemory } from './process-faults';

export interface ActiveFault extends FaultRule {
  /** Ms until it expires. */
  readonly remainingMs: number;
  /** How often it was applied. */
  readonly struck: number;
}

/** Fault injection for experiments: rules set from outside apply at named points in the code. */
export interface Faults {
  /** False if fault injection is disabled for the lifetime of the process. */
  readonly enabled: boolean;
  /** The given clock, skewed while a rule says so. */
  readonly clock: Clock;
  /**
   * Replaces all rules; `[]` ends every fault and releases the calls it held up.
   * @throws FaultsDisabled, or RangeError for rules out of bounds
   */
  set(rules: readonly FaultRule[]): void;
  list(): readonly ActiveFault[];
  /**
   * Runs `work`, unless rules that match `point` delay it or make it fail, before or after.
   * @throws InjectedFault, what `work` throws, or the signal's reason while waiting
   */
  around<T>(point: FaultPoint, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** The error of an injected fault, with the `status` and `code` of a real one. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  readonly effect: 'error' | 'reset' | 'answer-lost' | 'decline';
  readonly status: number;
  readonly code: string;
  /** Prisma keeps this property when it wraps an error in its own. */
  declare readonly meta: { readonly injectedFault: InjectedFault };
  constructor(rule: string, { effect, status, code }: Pick<InjectedFault, 'effect' | 'status' | 'code'>) {
    super(`Injected by fault ${rule}`);
    this.effect = effect;
    this.status = status;
    this.code = code;
    // Not enumerable: it is circular, and loggers would follow it.
    Object.defineProperty(this, 'meta', { value: { injectedFault: this } });
  }
  /** Whether the simulated failure is a broken connection. */
  get breaksConnection(): boolean {
    return this.effect === 'reset' || this.effect === 'answer-lost';
  }
}

/** The injected fault behind an error, also when Prisma has wrapped it. */
export const injectedFaultOf = (error: unknown): InjectedFault | undefined => {
  if (error instanceof InjectedFault) return error;
  const fault = (error as { meta?: { injectedFault?: unknown } } | null | undefined)?.meta?.injectedFault;
  return fault instanceof InjectedFault ? fault : undefined;
};

export class FaultsDisabled extends Error {
  override readonly name = 'FaultsDisabled';
  constructor() {
    super('Faults are switched off in this process');
  }
}

/** Observes faults, for metrics and logs. Its methods must not throw. */
export interface FaultObserver {
  began?(rule: FaultRule): void;
  ended?(rule: FaultRule, why: 'expired' | 'replaced', struck: number): void;
  struck?(rule: FaultRule): void;
}

export interface FaultsOptions {
  readonly clock: Clock;
  /** False returns a registry that rejects rules and does nothing. */
  readonly enabled: boolean;
  /** In [0, 1). Default Math.random. */
  readonly random?: () => number;
  readonly observer?: FaultObserver;
  /** Ends the process; tests replace it. */
  readonly crash?: () => void;
}

/** Delay before a process crashes on request, in ms, so that the request still gets its response. */
const crashAfterMs = 100;

export function createFaults(options: FaultsOptions): Faults {
  const { clock, random = Math.random, observer = {}, crash = crashForGood } = options;
  if (!options.enabled) return switchedOff(clock);
  let active: readonly ActiveRule[] = [];

  const activate = (rule: FaultRule): ActiveRule => {
    const ended = new AbortController();
    const end = (why: 'expired' | 'replaced') => {
      timer.cancel();
      active = active.filter((other) => other !== activated);
      ended.abort(new RuleEnded());
      observer.ended?.(rule, why, activated.struck);
    };
    const timer = clock.setTimer(() => end('expired'), rule.durationMs);
    const { effect, id } = rule;
    const activated: ActiveRule = {
      rule,
      endsAt: clock.monotonic() + rule.durationMs,
      ended: ended.signal,
      end,
      struck: 0,
      station:
        effect.type === 'queue'
          ? createBulkhead({
              name: id,
              clock,
              maxConcurrent: effect.places,
              maxQueued: 100_000,
              maxWaitMs: maxFaultDurationMs,
            })
          : undefined,
    };
    observer.began?.(rule);
    return activated;
  };

  const count = (activated: ActiveRule) => {
    activated.struck += 1;
    observer.struck?.(activated.rule);
  };

  /** Applies a rule of kind `process`, once, as soon as it is set. */
  const applyToProcess = async (activated: ActiveRule) => {
    const { effect, durationMs } = activated.rule;
    const { ended } = activated;
    count(activated);
    switch (effect.type) {
      case 'crash':
        await clock.sleep(crashAfterMs, ended);
        return crash();
      case 'block':
        for (;;) {
          await clock.sleep(effect.everyMs === undefined ? 0 : effect.everyMs - effect.ms, ended);
          blockEventLoop(effect.ms);
          if (effect.everyMs === undefined) return;
        }
      case 'cpu':
        return burnCpu({ share: effect.share, durationMs, clock }, ended);
      case 'memory':
        return growMemory({ bytes: effect.bytes, durationMs, clock }, ended);
      default:
    }
  };

  const pass = (station: Bulkhead, ms: number, signal: AbortSignal) =>
    station.execute(() => clock.sleep(ms, signal), { signal });

  const applyBefore = async (activated: ActiveRule, signal: AbortSignal | undefined) => {
    const { id, effect } = activated.rule;
    const { ended, station } = activated;
    const either = () => (signal ? AbortSignal.any([signal, ended]) : ended);
    count(activated);
    switch (effect.type) {
      case 'reset':
        throw new InjectedFault(id, { effect: 'reset', status: 502, code: 'ECONNRESET' });
      case 'decline':
        throw new InjectedFault(id, {
          effect: 'decline',
          status: 402,
          code: effect.reason ?? 'card_declined',
        });
      case 'error':
        throw new InjectedFault(id, {
          effect: 'error',
          status: effect.status ?? 500,
          code: effect.code ?? 'EFAULT',
        });
      case 'crash':
        return crash();
      case 'block':
        return blockEventLoop(effect.ms);
      case 'hang':
        return unlessRuleEnded(clock.sleep(maxFaultDurationMs, either()));
      case 'latency':
        return unlessRuleEnded(clock.sleep(drawLatencyMs(effect.latency, random), either()));
      case 'queue':
        return station && unlessRuleEnded(pass(station, effect.ms, either()));
      default:
    }
  };

  const applyAround = async <T>(
    applied: readonly ActiveRule[],
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    for (const activated of applied) await applyBefore(activated, signal);
    const result = await work();
    const lost = applied.find(({ rule }) => rule.effect.type === 'answer-lost');
    if (lost)
      throw new InjectedFault(lost.rule.id, { effect: 'answer-lost', status: 502, code: 'ECONNRESET' });
    return result;
  };

  return {
    enabled: true,
    clock: {
      ...clock,
      now: () => {
        let now = clock.now();
        for (const { rule } of active) if (rule.effect.type === 'skew') now += rule.effect.ms;
        return now;
      },
    },
    set(rules) {
      checkFaultRules(rules);
      for (const former of active) former.end('replaced');
      active = rules.map(activate);
      for (const activated of active)
        if (activated.rule.target.kind === 'process' && random() < activated.rule.share)
          void unlessRuleEnded(applyToProcess(activated));
    },
    list: () =>
      active.map(({ rule, endsAt, struck }) => ({
        ...rule,
        remainingMs: Math.max(0, endsAt - clock.monotonic()),
        struck,
      })),
    around(point, work, signal) {
      if (active.length === 0) return work();
      const applied = active.filter(({ rule }) => appliesTo(rule, point, random));
      return applied.length === 0 ? work() : applyAround(applied, work, signal);
    },
  };
}

interface ActiveRule {
  readonly rule: FaultRule;
  readonly endsAt: number;
  /** Aborts when the rule expires or is replaced. */
  readonly ended: AbortSignal;
  end(why: 'expired' | 'replaced'): void;
  struck: number;
  /** The queue in front of the servers, for `queue`. */
  readonly station: Bulkhead | undefined;
}

class RuleEnded extends Error {
  override readonly name = 'RuleEnded';
}

const unlessRuleEnded = (work: Promise<void>): Promise<void> =>
  work.catch((reason: unknown) => {
    if (!(reason instanceof RuleEnded)) throw reason;
  });

const switchedOff = (clock: Clock): Faults => ({
  enabled: false,
  clock,
  set() {
    throw new FaultsDisabled();
  },
  list: () => [],
  around: (_point, work) => work(),
});

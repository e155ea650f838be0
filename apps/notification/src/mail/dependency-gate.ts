import { createBackoff } from '@bulkhead/durable/backoff';
import type { Clock } from '@bulkhead/resilience/clock';

export interface DependencyGateOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Minimum and maximum wait between two probes, ms. Default 500 and 30,000. */
  readonly probeMs?: { readonly min: number; readonly max: number };
  readonly onChange?: (state: 'open' | 'closed') => void;
}

/**
 * Guards work whose dependency may be unavailable. One failure closes it: unlike a circuit breaker, which protects
 * waiting callers, it has no callers and loses nothing by being strict. While it is closed, one piece of work at a time
 * is let through as a probe, with backoff; the first success opens it.
 */
export interface DependencyGate {
  /** How much of `wanted` `enter` would let through now: all of it or, while it is closed, one probe or nothing. */
  admits(wanted: number): number;
  /** Call it when work starts: a closed gate then waits until its next probe. */
  enter(): void;
  worked(): void;
  failed(): void;
}

export function createDependencyGate(options: DependencyGateOptions): DependencyGate {
  const { clock, random, probeMs = { min: 500, max: 30_000 } } = options;
  const backoff = createBackoff({ minMs: probeMs.min, maxMs: probeMs.max, random });
  let nextProbeAt: number | undefined;
  const wait = () => (nextProbeAt = clock.monotonic() + backoff.next());

  return {
    admits(wanted) {
      if (nextProbeAt === undefined) return wanted;
      return clock.monotonic() >= nextProbeAt ? Math.min(1, wanted) : 0;
    },
    enter() {
      if (nextProbeAt !== undefined) wait();
    },
    worked() {
      if (nextProbeAt === undefined) return;
      nextProbeAt = undefined;
      backoff.reset();
      options.onChange?.('open');
    },
    failed() {
      if (nextProbeAt !== undefined) return;
      wait();
      options.onChange?.('closed');
    },
  };
}

import { faultEffectTypes, faultKinds, type FaultRule } from '@bulkhead/resilience/fault-rules';
import type { FaultObserver } from '@bulkhead/resilience/faults';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Metrics } from '@bulkhead/telemetry/metrics';

/** Logs the start and end of every injected fault and counts it in metrics, so that none is mistaken for a real one. */
export function observeFaults(metrics: Metrics, logger: Logger): FaultObserver {
  const labels = { kind: faultKinds, effect: faultEffectTypes };
  const active = metrics.gauge({
    name: 'faults_active',
    help: 'Injected faults that are active.',
    labels,
  });
  const applied = metrics.counter({
    name: 'faults_struck_total',
    help: 'Calls to which an injected fault was applied.',
    labels,
  });
  const labelsOf = ({ target, effect }: FaultRule) => ({ kind: target.kind, effect: effect.type });
  const fields = ({ id, target, effect, durationMs }: FaultRule) => ({
    event: id,
    operation: `${target.kind} ${target.name}`,
    outcome: effect.type,
    durationMs,
  });
  return {
    began(rule) {
      active.add(labelsOf(rule), 1);
      logger.warn(fields(rule), 'injected fault started');
    },
    ended(rule, why, struck) {
      active.add(labelsOf(rule), -1);
      logger.warn({ ...fields(rule), reason: why, count: struck }, 'injected fault ended');
    },
    struck: (rule) => applied.add(labelsOf(rule)),
  };
}

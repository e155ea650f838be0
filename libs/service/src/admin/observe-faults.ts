import { faultEffectTypes, faultKinds, type FaultRule } from '@bulkhead/resilience/fault-rules';
import type { FaultObserver } from '@bulkhead/resilience/faults';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Metrics } from '@bulkhead/telemetry/metrics';

/** Shows every fault on purpose in a log line when it begins and ends, and in metrics, so that none is taken for a real one. */
export function observeFaults(metrics: Metrics, logger: Logger): FaultObserver {
  const labels = { kind: faultKinds, effect: faultEffectTypes };
  const active = metrics.gauge({
    name: 'faults_active',
    help: 'Faults on purpose that are set now.',
    labels,
  });
  const strikes = metrics.counter({
    name: 'faults_struck_total',
    help: 'Calls that a fault on purpose has struck.',
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
      logger.warn(fields(rule), 'a fault on purpose begins');
    },
    ended(rule, why, struck) {
      active.add(labelsOf(rule), -1);
      logger.warn({ ...fields(rule), reason: why, count: struck }, 'a fault on purpose has ended');
    },
    struck: (rule) => strikes.add(labelsOf(rule)),
  };
}

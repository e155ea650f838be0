import type { StatementFaults } from '@bulkhead/database/statement-client';
import type { Faults } from '@bulkhead/resilience/faults';

/**
 * Injects faults into statements, named `service.statement`. Undefined if fault injection is off, which leaves the
 * client unchanged.
 */
export const databaseFaults = (service: string, faults: Faults): StatementFaults | undefined =>
  faults.enabled
    ? (statement, work) => faults.around({ kind: 'database', name: `${service}.${statement}` }, work)
    : undefined;

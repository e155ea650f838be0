import { randomUUID } from 'node:crypto';
import { definitions } from '@bulkhead/app/monolith/src/definitions';
import { createPaymentService } from '@bulkhead/app/payment/src/app';
import { neverCrash } from '@bulkhead/app/payment/src/payments/crash-point';
import { runService } from '@bulkhead/service/runtime/run-service';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { isMutantName, mutants } from './mutants';

/** Set when it is bundled. */
declare const SERVED_SERVICE: string;

/** The `main` of a service that has one of the mistakes, named by MUTANT. */
const name = process.env['MUTANT'] ?? 'none';
if (!isMutantName(name) || process.env['NODE_ENV'] === 'production') {
  process.stderr.write(`MUTANT=${name} is not served here.\n`);
  process.exit(78);
}
const definition =
  SERVED_SERVICE === 'payment' && name === 'capture-with-new-key'
    ? (createPaymentService(
        neverCrash,
        (orderId) => `${orderId}:capture:${randomUUID()}`,
      ) as unknown as ServiceDefinition)
    : definitions.find((each) => each.name === SERVED_SERVICE)!;
void runService(definition, mutants[name]);

import type { Infrastructure } from '@bulkhead/service/runtime/assemble';
import { ackEarly } from './ack-early';
import { dropInbox } from './drop-inbox';
import { dropOutbox } from './drop-outbox';
import { publishWithoutMandatory } from './publish-without-mandatory';

const unaltered = (infrastructure: Infrastructure): Infrastructure => infrastructure;

/**
 * Mistakes that people make in shops like this one. Each is the product's own code with one part of its infrastructure altered,
 * put together by a composition root of its own (serve.ts): no bundle of the product contains any of it.
 */
export const mutants = {
  'drop-outbox': dropOutbox,
  'drop-inbox': dropInbox,
  'ack-early': ackEarly,
  'publish-without-mandatory': publishWithoutMandatory,
  /** Every attempt at a capture under a key of its own; see serve.ts. */
  'capture-with-new-key': unaltered,
  /** The product as it is, started the same way. */
  none: unaltered,
} as const satisfies Record<string, (infrastructure: Infrastructure) => Infrastructure>;

export type MutantName = keyof typeof mutants;

export const isMutantName = (name: string): name is MutantName => name in mutants;

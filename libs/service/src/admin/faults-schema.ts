import { faultKinds, maxFaultRules } from '@bulkhead/resilience/fault-rules';
import { z } from 'zod';

const ms = z.number();

const Latency = z.discriminatedUnion('distribution', [
  z.strictObject({ distribution: z.literal('fixed'), ms }),
  z.strictObject({ distribution: z.literal('uniform'), minMs: ms, maxMs: ms }),
  z.strictObject({ distribution: z.literal('normal'), meanMs: ms, stddevMs: ms }),
]);

const Effect = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('latency'), latency: Latency }),
  z.strictObject({
    type: z.literal('error'),
    status: z.int().exactOptional(),
    code: z.string().max(40).exactOptional(),
  }),
  z.strictObject({ type: z.literal('hang') }),
  z.strictObject({ type: z.literal('reset') }),
  z.strictObject({ type: z.literal('answer-lost') }),
  z.strictObject({ type: z.literal('decline'), reason: z.string().max(40).exactOptional() }),
  z.strictObject({ type: z.literal('queue'), places: z.int(), ms }),
  z.strictObject({ type: z.literal('crash') }),
  z.strictObject({ type: z.literal('block'), ms, everyMs: ms.exactOptional() }),
  z.strictObject({ type: z.literal('cpu'), share: z.number() }),
  z.strictObject({ type: z.literal('memory'), bytes: z.int() }),
  z.strictObject({ type: z.literal('skew'), ms }),
]);

const name = z.string().regex(/^[\w.*-]{1,100}$/, 'must be 1–100 letters, digits, dots, stars and dashes');

const Fault = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,60}$/, 'must be 1–60 letters, digits, dots and dashes'),
  target: z.strictObject({ kind: z.enum(faultKinds), name: name.default('*') }),
  effect: Effect,
  /** Share of the calls that are affected. */
  share: z.number().default(1),
  durationMs: z.number(),
});

/** The body of `PUT /faults`. `checkFaultRules` validates the ranges. */
export const FaultsBody = z.strictObject({ faults: z.array(Fault).max(maxFaultRules) });

import { serviceNames } from '@bulkhead/contracts/services';
import { z } from 'zod';

/** Who uses CPU. `stand-ins`: the simulated payment provider and the mail catcher, which real shops have elsewhere. */
export const partNames = [...serviceNames, 'postgresql', 'rabbitmq', 'stand-ins', 'generator'] as const;
export type PartName = (typeof partNames)[number];

export const operationNames = ['catalog list', 'search', 'product page', 'sign-in', 'purchase'] as const;
export type OperationName = (typeof operationNames)[number];

/** A service that is newer than the measurement costs nothing, until it is measured again. */
const PerPart = z
  .partialRecord(z.enum(partNames), z.number())
  .transform(
    (costs) =>
      Object.fromEntries(partNames.map((part) => [part, costs[part] ?? 0])) as Record<PartName, number>,
  );

const OperationCosts = z.object({
  /** CPU time of one, by part, in ms, idle work taken off. */
  cpuMs: PerPart,
  /** SQL statements of the services, without BEGIN and COMMIT. */
  statements: z.number(),
  /** Events sent and, counted once per consuming group, handled. */
  events: z.number(),
  deliveries: z.number(),
  /** Growth of all databases together in bytes: of what stays, and of what goes again within a month. */
  keptBytes: z.number(),
  passingBytes: z.number(),
  /** Of the write-ahead log. */
  walBytes: z.number(),
});
export type OperationCosts = z.output<typeof OperationCosts>;

/** What was measured on running processes. */
export const Costs = z.object({
  cores: z.int().min(1),
  node: z.string(),
  /** Cores that each part uses while nobody comes. */
  idleCores: PerPart,
  operations: z.record(z.enum(operationNames), OperationCosts),
});
export type Costs = z.output<typeof Costs>;

/** How many of each come for one arrival; they add up to 1. */
export type Mix = Readonly<Record<OperationName, number>>;

export const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** The cost of one average arrival. */
export function averageCosts({ operations }: Costs, mix: Mix): OperationCosts {
  const average = (read: (costs: OperationCosts) => number) =>
    sum(operationNames.map((name) => mix[name] * read(operations[name])));
  return {
    cpuMs: Object.fromEntries(
      partNames.map((part) => [part, average(({ cpuMs }) => cpuMs[part])]),
    ) as OperationCosts['cpuMs'],
    statements: average(({ statements }) => statements),
    events: average(({ events }) => events),
    deliveries: average(({ deliveries }) => deliveries),
    keptBytes: average(({ keptBytes }) => keptBytes),
    passingBytes: average(({ passingBytes }) => passingBytes),
    walBytes: average(({ walBytes }) => walBytes),
  };
}

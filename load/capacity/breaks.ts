import type { Plan } from './plan';

/** A part that has an end, where it ends, and what to do then. */
export interface Ceiling {
  readonly part: string;
  readonly unit: string;
  readonly most: number;
  /** Where `most` comes from. */
  readonly source: string;
  readonly then: string;
  need(plan: Plan): number;
}

/** Of one server each, of a size that can be bought; every one is an assumption to replace with the own. */
export const ceilings: readonly Ceiling[] = [
  {
    part: 'connections of one PostgreSQL',
    unit: 'connections',
    most: 400,
    source: '500 configured, less 20 % for jobs and people',
    then: 'PgBouncer in transaction mode before it (or a server a service: each owns its database already)',
    need: ({ connections }) => connections,
  },
  {
    part: 'CPU of one PostgreSQL',
    unit: 'cores',
    most: 32,
    source: 'a large server',
    then: 'a server a service; then read replicas for product and search, whose reads need no newest state',
    need: ({ databaseCores }) => databaseCores,
  },
  {
    part: 'commits of orders on one PostgreSQL',
    unit: 'orders/s',
    most: 2_000,
    source: 'a saga commits about ten times; 20,000 commits/s on local NVMe with group commit',
    then: 'partition order and payment by user: every key starts from the user or the order, so a shard is a whole shop',
    need: ({ demand }) => demand.ordersPerSecond,
  },
  {
    part: 'one SKU in a sale',
    unit: 'orders/s',
    most: 10_000,
    source: 'micro-batches of inventory, see bench/README.md',
    then: 'shard its stock: split the pieces over several rows, each with a batcher of its own, rebalanced when one is empty',
    need: ({ demand }) => demand.ordersPerSecond,
  },
  {
    part: 'one quorum queue',
    unit: 'messages/s',
    most: 20_000,
    source: 'one queue is one Raft group, which runs on one core',
    then: 'a queue a shard of subjects by consistent-hash exchange; events carry subject and version, so order between subjects is free',
    need: ({ eventsPerSecond }) => eventsPerSecond,
  },
  {
    part: 'size of one PostgreSQL',
    unit: 'GiB',
    most: 4_096,
    source: 'what can still be restored within a working day',
    then: 'a server a service; then partition orders and payments by month, detach old months to an archive, keep the ledger whole',
    need: ({ databaseGib }) => databaseGib,
  },
  {
    part: 'write-ahead log',
    unit: 'MiB/s',
    most: 200,
    source: 'what a replica follows and an archive takes',
    then: 'a server a service divides it; then partition by user',
    need: ({ walMibPerSecond }) => walMibPerSecond,
  },
];

export interface Break extends Ceiling {
  readonly needed: number;
  /** 1 and above: it breaks at this load. Below: it breaks at 1 / used times the load. */
  readonly used: number;
}

/** The parts in the order in which they give way. */
export const breaksOf = (plan: Plan): readonly Break[] =>
  ceilings
    .map((ceiling) => {
      const needed = ceiling.need(plan);
      return { ...ceiling, needed, used: needed / ceiling.most };
    })
    .sort((a, b) => b.used - a.used);

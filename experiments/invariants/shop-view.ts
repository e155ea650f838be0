import type { ServiceName } from '@bulkhead/contracts/services';
import type { DeadLetter } from '@bulkhead/messaging/transport';
import type { AcknowledgedOrder } from './acknowledged';
import type { Mailbox } from './mailbox';

/** A charge in the simulated provider's own book; minor units. */
export interface Charge {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly captured: number;
  readonly refunded: number;
}

export interface QueueDepth {
  readonly queue: string;
  /** Messages ready to be delivered. */
  readonly messages: number;
}

/** Everything that the shop keeps, as an auditor reads it: nothing is asked of the services, and nothing is written. */
export interface ShopView {
  /** Those whose database can be read. */
  readonly services: readonly ServiceName[];
  /** @throws Error when that service's database is not known here */
  ask<Row extends object>(service: ServiceName, text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The provider's book; undefined where it is not the simulated one. */
  readonly charges: (() => Promise<readonly Charge[]>) | undefined;
  readonly mailbox: Mailbox | undefined;
  /** Depths of the groups' queues and of what waits to be tried again. */
  queues(): Promise<readonly QueueDepth[]>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** What clients were promised. */
  readonly acknowledged: readonly AcknowledgedOrder[];
  /** Message ids of dead letters that somebody expected. */
  readonly explained: ReadonlySet<string>;
  /** Longest time from placing an order to its first end, ms. */
  readonly orderBoundMs: number;
}

import type { EventDefinition, NewEvent } from '@bulkhead/contracts/event';
import type { Transaction } from '@bulkhead/database/database';

/** Where use cases publish events: as rows in the same transaction as the change they describe. */
export interface Outbox {
  /**
   * Inserts the events through `tx` (one statement) and wakes the relay after commit.
   * @throws Error when an event does not match its schema: a bug, found before anything is committed
   */
  append(tx: Transaction, events: readonly NewEvent<EventDefinition>[]): Promise<void>;
  /**
   * The events as the JSON parameter of a hand-written statement that inserts them itself, as
   * `insert into outbox (id, type, subject, payload) select id, type, subject, payload
   *  from jsonb_to_recordset($n) as event(id uuid, type text, subject text, payload jsonb)`.
   * Call `wake` after it committed.
   */
  rows(events: readonly NewEvent<EventDefinition>[]): string;
  /** Wakes the relay: committed rows are waiting. Cheap; may be called often. */
  wake(): void;
}

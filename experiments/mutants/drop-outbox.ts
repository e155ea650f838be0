import type { Statement } from '@bulkhead/database/database';
import type { OutboxRow, Transport } from '@bulkhead/messaging/transport';
import type { Infrastructure } from '@bulkhead/service/runtime/assemble';
import { alterStatements } from './alter-statements';
import { alterTransport } from './alter-transport';

interface NewRow {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly payload: unknown;
}

/**
 * The dual write: no row in the outbox; the event is published after the change is committed, once. While the broker
 * is away, or when the process ends in between, it is lost.
 */
export function dropOutbox(infrastructure: Infrastructure): Infrastructure {
  const { database } = infrastructure;
  if (!database || !infrastructure.transport) return infrastructure;
  let connected: Transport | undefined;
  return {
    ...alterTransport(infrastructure, (transport) => (connected = transport)),
    database: alterStatements(database, async (statement, run, later) => {
      const rows = statement.text.includes('insert into outbox') ? rowsOf(statement) : undefined;
      if (!rows || rows.length === 0) return run(statement);
      const values = statement.values!.map((value) => (isRows(value) ? '[]' : value));
      const result = await run({ ...statement, values });
      if (!isMoved(statement, result.rowCount)) return result;
      later(() => void connected?.publish(rows.map(toOutboxRow)));
      return result;
    }),
  };
}

/** A compare-and-set that lost tells nothing. */
const isMoved = ({ name }: Statement, rowCount: number) => name === 'outbox-append' || rowCount > 0;

const isRows = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('[{"id":') && value.includes('"specversion"');

const rowsOf = ({ values = [] }: Statement): NewRow[] =>
  values.filter(isRows).flatMap((value) => JSON.parse(value) as NewRow[]);

const toOutboxRow = ({ id, type, subject, payload }: NewRow): OutboxRow => ({
  position: '0',
  id,
  type,
  subject,
  payload: JSON.stringify(payload),
});

import type { EventDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import { encodeEvent } from './event-codec';
import type { Outbox } from './outbox';

export interface OutboxOptions {
  /** Every event this service may send, by type. */
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly source: ServiceName;
  readonly clock: Clock;
  readonly ids: { next(): string };
  /** W3C trace context of the current work, so that handlers continue its trace. */
  readonly traceContext?: () => { readonly traceparent?: string; readonly tracestate?: string };
  /** Wakes the relay of this service. */
  readonly wake: () => void;
}

const insert = {
  name: 'outbox-append',
  text: `insert into outbox (id, type, subject, payload)
    select id, type, subject, payload
    from jsonb_to_recordset($1::jsonb) as event(id uuid, type text, subject text, payload jsonb)`,
};

/** The outbox of one service. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, ids, wake } = options;

  const rows: Outbox['rows'] = (events) => {
    const trace = options.traceContext?.() ?? {};
    const time = new Date(clock.now()).toISOString();
    return JSON.stringify(
      events.map((event) => {
        const payload = encodeEvent(event, { ...options, id: ids.next(), time, trace });
        return { id: payload.id, type: payload.type, subject: payload.subject, payload };
      }),
    );
  };

  return {
    async append(tx, events) {
      if (events.length === 0) return;
      await tx.query({ ...insert, values: [rows(events)] });
      tx.afterCommit(wake);
    },
    rows,
    wake,
  };
}

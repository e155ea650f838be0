import type { RunInSpan } from './observer';
import type { OutboxRow, PublishOutcome, Transport } from './transport';

/** The trace context of an event in its row, including quotes that no text within the event can have around it. */
const sampledParent = /"traceparent": ?"(00-[0-9a-f]{32}-[0-9a-f]{16}-01)"/;
const parentState = /"tracestate": ?"([^"\\]+)"/;

/**
 * `publish`, with a span for each event that belongs to a sampled trace: from its claim in the outbox to its confirm.
 * Its kind is `client`, since OpenTelemetry's messaging conventions (1.45, in development) require that if a message
 * carries the context of its creation, not of its sending. The name contains the event's type, independent of the
 * broker's exchange and prefix.
 */
export function createPublishSpans(
  transport: Pick<Transport, 'publish' | 'spanAttributes'>,
  runInSpan: RunInSpan,
): Transport['publish'] {
  const spanOf = ({ id, type, payload }: OutboxRow, traceparent: string) => {
    const tracestate = parentState.exec(payload)?.[1];
    return {
      name: `publish ${type}`,
      kind: 'client' as const,
      traceparent,
      ...(tracestate !== undefined && { tracestate }),
      attributes: {
        ...transport.spanAttributes(type),
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.message.id': id,
      },
    };
  };

  return async (rows) => {
    const publishing = transport.publish(rows);
    const traced = rows.flatMap((row, index) => {
      const traceparent = sampledParent.exec(row.payload)?.[1];
      if (traceparent === undefined) return [];
      // A span fails by an exception; `publishing` alone reports the outcome of the row.
      const span = runInSpan(spanOf(row, traceparent), async () => refused((await publishing)[index]));
      return [span.catch(() => undefined)];
    });
    await Promise.all(traced);
    return publishing;
  };
}

/** @throws Error when the transport did not accept the row */
function refused(outcome: PublishOutcome | undefined): void {
  if (outcome?.kind === 'confirmed') return;
  throw new Error(outcome?.kind === 'failed' ? outcome.reason : 'the broker is unavailable');
}

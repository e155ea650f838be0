import type { ReceivedSpan } from '@bulkhead/testing/otlp-receiver';
import { serviceOf } from './span-tree';

/**
 * Expects the traces of an order whose payment service was unavailable when it was placed: its trace shows why it is
 * pending, and the trace in which it continued links back to it. Other orders meanwhile found the circuit open.
 * @throws Error of expect
 */
export function expectLateSteps(spans: readonly ReceivedSpan[], orderId: string): void {
  const sagas = spans.filter(
    ({ name, attributes }) => name === 'order.saga' && attributes['order.id'] === orderId,
  );
  const placed = sagas.find(({ attributes }) => attributes['saga.state'] === 'placed')!;
  const late = sagas.filter(({ traceId }) => traceId !== placed.traceId);
  expect(late).not.toEqual([]);
  for (const { links, parentSpanId } of late) {
    expect(links.map(({ traceId }) => traceId)).toEqual([placed.traceId]);
    expect(parentSpanId).toBeUndefined();
  }

  const stepsIn = (traces: readonly string[]) =>
    spans
      .filter(({ name, traceId }) => name.startsWith('step ') && traces.includes(traceId))
      .map(({ attributes }) => attributes['saga.outcome']);
  expect(stepsIn([placed.traceId]).at(-1)).not.toBe('done');
  expect(stepsIn(late.map(({ traceId }) => traceId)).at(-1)).toBe('done');

  const events = spans
    .filter((span) => serviceOf(span) === 'order' && span.attributes['server.address'] === 'payment')
    .flatMap((span) => span.events);
  const reasons = events
    .filter(({ name }) => name === 'refused')
    .map(({ attributes }) => attributes['bulkhead.reason']);
  const states = events
    .filter(({ name }) => name === 'circuit breaker')
    .map(({ attributes }) => attributes['bulkhead.breaker.to']);
  expect(events.map(({ name }) => name)).toContain('retry');
  expect(states).toEqual(expect.arrayContaining(['open', 'half-open', 'closed']));
  expect(reasons).toContain('breaker');
}

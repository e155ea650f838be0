import { parseTraceParent } from '@opentelemetry/core';
import { createActionTrace } from './action-trace';

test('requests of one action are of one trace, each with a span of its own, until the next action', () => {
  const page = new EventTarget();
  const traceparent = createActionTrace(page);
  const [first, second] = [traceparent(), traceparent()].map((value) => parseTraceParent(value));
  page.dispatchEvent(new Event('pointerdown'));
  const later = parseTraceParent(traceparent());
  expect(second?.traceId).toBe(first?.traceId);
  expect(second?.spanId).not.toBe(first?.spanId);
  expect(later?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(later?.traceId).not.toBe(first?.traceId);
});

import type { NewEvent } from '@bulkhead/contracts/event';
import { catalog, placed } from './conformance/shop';
import { decodeEvent, encodeEvent, type Envelope, maxEventBytes } from './event-codec';

const envelope: Envelope = {
  catalog,
  source: 'order',
  id: '019b76da-a800-7000-8000-000000000001',
  time: '2026-01-01T00:00:00.000Z',
  trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
};
const event = (data: object): NewEvent =>
  ({ definition: placed, subject: 'order-1', aggregateVersion: 3, data }) as NewEvent;

test('an event is sent as a CloudEvent with its trace, and read back the same', () => {
  const encoded = encodeEvent(event({ number: 1 }), envelope);
  expect(encoded).toEqual({
    specversion: '1.0',
    id: envelope.id,
    source: '/bulkhead/order',
    type: 'order.placed.v1',
    subject: 'order-1',
    time: envelope.time,
    datacontenttype: 'application/json',
    aggregateversion: 3,
    traceparent: envelope.trace.traceparent,
    data: { number: 1 },
  });
  expect(decodeEvent(Buffer.from(JSON.stringify(encoded)), catalog)).toEqual(encoded);
});

test.each([
  ['a field that its schema does not know', { number: 1, surprise: true }, '/surprise is not in its schema'],
  ['a value of the wrong type', { number: 'one' }, '/number Invalid input'],
  ['more than 256 KiB', { number: 1, note: 'x'.repeat(maxEventBytes) }, `over ${maxEventBytes}`],
])('an event with %s is refused before it is committed', (_what, data, reason) => {
  expect(() => encodeEvent(event(data), envelope)).toThrow(reason);
});

test('a service cannot send an event of another service', () => {
  expect(() => encodeEvent(event({ number: 1 }), { ...envelope, source: 'payment' })).toThrow(
    "it is order's, not payment's",
  );
});

test('an event that is not in the catalog cannot be sent', () => {
  expect(() => encodeEvent(event({ number: 1 }), { ...envelope, catalog: new Map() })).toThrow(
    'not in the catalog',
  );
});

test('a message in a broken encoding is not JSON, whatever characters could be made of it', () => {
  const text = JSON.stringify(encodeEvent(event({ number: 1, note: 'caf\u00e9' }), envelope));
  expect(() => decodeEvent(Buffer.from(text, 'latin1'), catalog)).toThrow(/^not-json: /);
  expect(decodeEvent(Buffer.from(text, 'utf8'), catalog).data).toEqual({ number: 1, note: 'caf\u00e9' });
});

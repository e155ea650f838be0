import type { StreamedEvent } from '@bulkhead/client/event-stream';
import { readEvents } from './server-sent-events';

const streamOf = (chunks: readonly string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
const read = async (...chunks: readonly string[]) => {
  const events: StreamedEvent[] = [];
  for await (const event of readEvents(streamOf(chunks))) events.push(event);
  return events;
};

test('events are read however the network cuts them', async () => {
  const text =
    'id: 1\nevent: transition\ndata: {"state":"placed"}\n\n: heartbeat\n\nid: 2\ndata: a\ndata: b\n\n';
  const expected = [
    { id: '1', event: 'transition', data: '{"state":"placed"}' },
    { id: '2', event: 'message', data: 'a\nb' },
  ];
  expect(await read(text)).toEqual(expected);
  expect(await read(...text)).toEqual(expected);
  expect(await read(...text.replaceAll('\n', '\r\n'))).toEqual(expected);
});

test('an event that broke off is none', async () => {
  expect(await read('data: whole\n\ndata: ha')).toEqual([{ id: undefined, event: 'message', data: 'whole' }]);
});

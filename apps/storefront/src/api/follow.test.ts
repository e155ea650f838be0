import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { follow } from './follow';
import { createRequests } from './request';

const { send } = createRequests(() => '-');

/** A stream that breaks off after each event, and now and then is not there at all. */
let server: Server;
let origin: string;
let asked: (string | undefined)[] = [];
let fates: ('event' | 'unavailable' | 'forbidden')[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const after = request.headers['last-event-id'] as string | undefined;
    asked.push(after);
    const fate = fates.shift() ?? 'event';
    if (fate !== 'event') return void response.writeHead(fate === 'unavailable' ? 503 : 403).end('{}');
    const id = Number(after ?? 0) + 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`id: ${id}\ndata: ${id}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked = [];
  fates = [];
});

const followUntil = async (last: string) => {
  const events: string[] = [];
  const states: string[] = [];
  await follow({
    path: `${origin}/events`,
    send,
    signal: new AbortController().signal,
    onEvent({ data }) {
      events.push(data);
      return data === last ? 'over' : undefined;
    },
    onConnection: (state) => void (states.at(-1) !== state && states.push(state)),
  });
  return { events, states };
};

test('a stream is taken up again after the last event', async () => {
  expect(await followUntil('3')).toEqual({ events: ['1', '2', '3'], states: ['live'] });
  expect(asked).toEqual([undefined, '1', '2']);
});

test('while there is none, followers are informed, and fetch the current state', async () => {
  fates = ['event', 'unavailable', 'event'];
  const { events, states } = await followUntil('2');
  expect([events, states]).toEqual([
    ['1', '2'],
    ['live', 'interrupted', 'live'],
  ]);
});

test('an error that a retry would not fix is reported', async () => {
  fates = ['forbidden'];
  await expect(followUntil('1')).rejects.toMatchObject({ status: 403 });
});

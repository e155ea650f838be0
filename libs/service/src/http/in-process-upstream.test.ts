import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@bulkhead/testing/eventually';
import type { ForwardOptions } from '../service';
import { openEventStream } from './event-stream';
import { createInProcessUpstream } from './in-process-upstream';

const tokens = { tokenFor: async () => 'token' };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** A gateway whose upstream is in its own process, and what came of the last request it passed on. */
const listen = async (listener: (request: IncomingMessage, response: ServerResponse) => void) => {
  const upstream = createInProcessUpstream('order', () => listener, tokens);
  const ending = new AbortController();
  let outcome: unknown;
  const server = createServer((request, response) => {
    const options = {
      target: '/',
      headers: {},
      responseHeaders: {},
      body: undefined,
      endWhen: ending.signal,
    };
    upstream.forward(request, response, options as unknown as ForwardOptions).then(
      (status) => (outcome = status),
      (error: Error) => {
        outcome = error.name;
        response.writeHead(503).end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, end: () => ending.abort(), outcome: () => outcome };
};

test('a stream ends in order when it is told to, while its service goes on to send', async () => {
  let failure: Error | undefined;
  const { origin, end, outcome } = await listen((_request, response) => {
    const stream = openEventStream(response, {}, undefined, new AbortController().signal);
    const send = async () => {
      for (let n = 0; ; n += 1) {
        await stream.send({ id: String(n), data: n });
        await new Promise(setImmediate);
      }
    };
    send().catch((error: Error) => {
      failure = error;
      stream.close();
    });
  });
  const { body, status } = await fetch(origin);
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  end();
  while (!(await reader.read()).done);
  await eventually(() => failure !== undefined && outcome() !== undefined);
  expect([status, outcome()]).toEqual([200, 200]);
});

test('a stream that has not begun is refused, and its service finds the client gone', async () => {
  let isGone = false;
  const { origin, end, outcome } = await listen((_request, response) => {
    const stream = openEventStream(response, {}, undefined, new AbortController().signal);
    stream.signal.addEventListener('abort', () => {
      isGone = true;
      stream.close();
    });
    end();
  });
  expect((await fetch(origin)).status).toBe(503);
  await eventually(() => isGone);
  expect(outcome()).toBe('PeerUnavailable');
});

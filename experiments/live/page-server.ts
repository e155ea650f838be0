import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type BreakageName, breakageNames } from './breakages';

const maxReaders = 8;
const everyMs = 500;
/** A browser that does not read, as one that sleeps, is left out until it does, in bytes. */
const maxUnsent = 64 * 1024;

/** Nothing but the page itself may run in it, frame it or read it. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
/** Reports are pages of their own, with their styles in them, and without scripts. */
const reportPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface ServedFile {
  readonly path: string;
  readonly type: string;
  readonly policy?: string;
}

export interface PageOptions {
  /** The folder of the workspace. */
  readonly root: string;
  readonly port: number;
  /** What the page shows; sent as JSON twice a second. */
  state(): unknown;
  /** The page asks to break something, or to repair it. */
  act(name: BreakageName | 'repair'): Promise<void>;
}

/** The page at `/story`, on loopback only: its files, the events it follows, and what its buttons do. */
export async function servePage({ root, port, state, act }: PageOptions) {
  const page = (file: string) => join(root, 'experiments/live/page', file);
  const files = new Map<string, ServedFile>([
    ['/story', { path: page('index.html'), type: 'text/html; charset=utf-8' }],
    ['/story/app.css', { path: page('app.css'), type: 'text/css; charset=utf-8' }],
    ['/story/app.js', { path: page('app.js'), type: 'text/javascript; charset=utf-8' }],
  ]);
  for (const name of breakageNames) {
    const report = join(root, `docs/experiments/reports/${name}.html`);
    files.set(`/story/reports/${name}`, {
      path: report,
      type: 'text/html; charset=utf-8',
      policy: reportPolicy,
    });
    const code = join(root, `experiments/stories/${name}.ts`);
    files.set(`/story/code/${name}`, { path: code, type: 'text/plain; charset=utf-8' });
  }
  const readers = new Set<ServerResponse>();
  const timer = setInterval(() => {
    if (readers.size === 0) return;
    const event = `data: ${JSON.stringify(state())}\n\n`;
    for (const reader of readers) if (reader.writableLength < maxUnsent) reader.write(event);
  }, everyMs);

  const refuse = (response: ServerResponse, status: number, sentence: string) =>
    response
      .writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' })
      .end(`${sentence}\n`);
  const follow = (response: ServerResponse) => {
    if (readers.size >= maxReaders)
      return refuse(response, 503, `At most ${maxReaders} pages follow it at once.`);
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    response.write(`retry: 1000\ndata: ${JSON.stringify(state())}\n\n`);
    readers.add(response);
    return response.on('close', () => readers.delete(response));
  };
  const press = async (request: IncomingMessage, response: ServerResponse, name: string) => {
    // Another site that is open in the same browser must not press buttons.
    if (
      request.headers['sec-fetch-site'] !== undefined &&
      request.headers['sec-fetch-site'] !== 'same-origin'
    )
      return refuse(response, 403, 'Only the page itself may do this.');
    const known = [...breakageNames, 'repair'] as const;
    const action = known.find((each) => each === name);
    if (!action) return refuse(response, 404, `There are: ${known.join(', ')}.`);
    request.resume();
    await act(action);
    return response.writeHead(204, headers).end();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { port: own } = server.address() as AddressInfo;
    // A name that somebody else has let point here (DNS rebinding) is not this page.
    if (![`127.0.0.1:${own}`, `localhost:${own}`].includes(request.headers.host ?? ''))
      return refuse(response, 421, `This is http://127.0.0.1:${own}/story.`);
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const [, action] = /^\/story\/actions\/([a-z-]+)$/.exec(path) ?? [];
    if (action !== undefined) {
      if (request.method !== 'POST') return refuse(response, 405, 'POST it.');
      return press(request, response, action);
    }
    if (request.method !== 'GET') return refuse(response, 405, 'GET it.');
    if (path === '/') return response.writeHead(302, { ...headers, location: '/story' }).end();
    if (path === '/story/events') return follow(response);
    const file = files.get(path);
    if (!file) return refuse(response, 404, 'There is /story.');
    const policy = file.policy === undefined ? {} : { 'content-security-policy': file.policy };
    const text = await readFile(file.path);
    return response.writeHead(200, { ...headers, ...policy, 'content-type': file.type }).end(text);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, (error as Error).message);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/story`,
    /** How many pages are open. */
    readers: () => readers.size,
    async stop() {
      clearInterval(timer);
      for (const reader of readers) reader.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

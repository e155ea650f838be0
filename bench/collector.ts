import { createServer } from 'node:http';

export interface Collector {
  readonly url: string;
  /** Exports taken so far. */
  readonly exports: number;
  stop(): Promise<void>;
}

/** Takes traces as an OpenTelemetry collector would, and forgets them. */
export async function startCollector(): Promise<Collector> {
  let exports = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      exports += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    get exports() {
      return exports;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

import { closeServer, createListenerServer, listenForBursts } from '@bulkhead/service/http/server';

type Listener = Parameters<typeof createListenerServer>[0];

/** A port that is bound before the application is ready: until then it responds with 503. */
export interface Door {
  readonly port: number;
  readonly isOpen: boolean;
  open(listener: Listener): void;
  /** Waits up to `graceMs` for open requests. */
  close(graceMs: number): Promise<void>;
}

/** @throws Error with code EADDRINUSE if the port is taken */
export async function takePort(port: number, host: string): Promise<Door> {
  let behind: Listener | undefined;
  const server = createListenerServer((request, response) => {
    if (behind) behind(request, response);
    else response.writeHead(503, { 'retry-after': '1' }).end();
  });
  return {
    port: await listenForBursts(server, port, host),
    get isOpen() {
      return behind !== undefined;
    },
    open: (listener) => (behind = listener),
    close: (graceMs) => closeServer(server, graceMs),
  };
}

/** http://host:port, with an IPv6 address in brackets. */
export const originOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

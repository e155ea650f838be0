import { createServer, request as send, type Server } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly body: string;
}

export interface ClientRequest {
  /** The client's own address, one of the loopback network. */
  readonly from: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A load balancer in front of the shop's gateway: it appends the address that it was called from to `X-Forwarded-For`, and
 * leaves what the client wrote there where it is.
 * @param target where the gateway is, such as http://shop-gateway:8080
 */
export function createAppendingProxy(target: string): Server {
  return createServer((request, response) => {
    const written = request.headers['x-forwarded-for'];
    const client = request.socket.remoteAddress!.replace('::ffff:', '');
    const headers = {
      ...request.headers,
      'x-forwarded-for': written === undefined ? client : `${String(written)}, ${client}`,
    };
    const { method = 'GET', url = '/' } = request;
    const forwarded = send(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(502).end());
    request.pipe(forwarded);
  });
}

/** Asks the proxy as a client of that address. */
export function askAs({ from, path, method = 'GET', headers = {}, body }: ClientRequest, port: number) {
  return new Promise<Reply>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, localAddress: from, path, method, headers, agent: false };
    const request = send(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', reject);
      response.on('end', () => {
        const retryAfter = response.headers['retry-after'];
        resolve({
          status: response.statusCode!,
          retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
          body: text,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

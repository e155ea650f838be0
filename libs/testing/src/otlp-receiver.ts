import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ReceivedSpan {
  readonly resource: Record<string, unknown>;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly status: { code?: number; message?: string };
  readonly attributes: Record<string, unknown>;
  readonly events: { name: string; attributes: Record<string, unknown> }[];
  readonly links: { traceId: string; spanId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

export interface OtlpReceiver {
  readonly endpoint: string;
  /** Those that came in JSON. */
  readonly spans: ReceivedSpan[];
  /** Of the latest request. */
  readonly headers: IncomingHttpHeaders;
  /** Requests seen, answered or not. */
  requests(): number;
  close(): Promise<void>;
}

/** A real OTLP/HTTP receiver (JSON encoding) on loopback. `behaviour` tells how it treats each request. */
export async function startOtlpReceiver(
  behaviour: 'accept' | 'refuse' | 'hang' = 'accept',
  port = 0,
): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const sockets = new Set<Socket>();
  let requests = 0;
  let headers: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    requests++;
    headers = request.headers;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (behaviour === 'hang') return;
      const isJson = request.headers['content-type'] === 'application/json';
      if (behaviour === 'accept' && request.url === '/v1/traces' && isJson)
        spans.push(...decode(JSON.parse(Buffer.concat(chunks).toString('utf8')) as ExportRequest));
      response
        .writeHead(behaviour === 'accept' ? 200 : 400, { 'content-type': 'application/json' })
        .end('{}');
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get headers() {
      return headers;
    },
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };
}

/** The part of OTLP's ExportTraceServiceRequest that is looked at. */
interface ExportRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: EncodedSpan[] }[];
  }[];
}

type EncodedSpan = Omit<ReceivedSpan, 'resource' | 'attributes' | 'events' | 'links'> & {
  attributes: KeyValue[];
  events?: { name: string; attributes: KeyValue[] }[];
  links?: ReceivedSpan['links'];
};

const plain = (list: KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(
    list.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );

const decode = ({ resourceSpans }: ExportRequest): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        ...span,
        resource: plain(resource.attributes),
        parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
        attributes: plain(span.attributes),
        events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: plain(attributes) })),
        links: span.links ?? [],
      })),
  );

/** Waits until `condition` holds, for at most 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the awaited condition did not come true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

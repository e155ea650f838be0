import { once } from 'node:events';
import { connect } from 'node:net';
import type { RawDelivery } from './any-delivery';

export interface RawPublisher {
  /** Resolves to false if the broker refuses the message, which closes the connection. */
  publish(queue: string, delivery: RawDelivery): Promise<boolean>;
  close(): void;
}

const uint = (length: number) => (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - length);
};
const [octet, short, long, longlong] = [uint(1), uint(2), uint(4), uint(8)];
const shortString = (text: Buffer | string) => {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([octet(bytes.length), bytes]);
};
const longString = (text: Buffer | string) => {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([long(bytes.length), bytes]);
};
const frame = (type: number, channel: number, payload: Buffer) =>
  Buffer.concat([octet(type), short(channel), long(payload.length), payload, octet(0xce)]);
const method = (channel: number, [classId, methodId]: readonly [number, number], ...fields: Buffer[]) =>
  frame(1, channel, Buffer.concat([short(classId), short(methodId), ...fields]));

const frameMax = 131_072;
const ack = '60.80';

/** In wire order; the first one's flag is the highest bit. */
const encoders: readonly (readonly [keyof RawDelivery['properties'] | 'userId', (value: never) => Buffer])[] =
  [
    ['contentType', shortString],
    ['contentEncoding', shortString],
    ['headers', longString],
    ['deliveryMode', octet],
    ['priority', octet],
    ['correlationId', shortString],
    ['replyTo', shortString],
    ['expiration', shortString],
    ['messageId', shortString],
    ['timestamp', longlong],
    ['type', shortString],
    ['userId', shortString],
    ['appId', shortString],
    ['clusterId', shortString],
  ];

/**
 * Publishes to the default exchange with confirms, writing the AMQP 0-9-1 frames itself: a client library sends neither
 * strings that are not UTF-8 nor every type of header.
 */
export async function openRawPublisher(url: string): Promise<RawPublisher> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const responses = methodsOf(socket);
  const next = async (): Promise<string> => {
    const response = await responses.next();
    return response.done ? 'closed' : response.value;
  };

  await once(socket, 'connect');
  const login = `\0${decodeURIComponent(username)}\0${decodeURIComponent(password)}`;
  socket.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
  await next();
  socket.write(
    method(0, [10, 11], longString(''), shortString('PLAIN'), longString(login), shortString('en_US')),
  );
  await next();
  const vhost = decodeURIComponent(pathname.slice(1)) || '/';
  socket.write(method(0, [10, 31], short(100), long(frameMax), short(0)));
  socket.write(method(0, [10, 40], shortString(vhost), shortString(''), octet(0)));
  await next();
  socket.write(method(1, [20, 10], shortString('')));
  await next();
  socket.write(method(1, [85, 10], octet(0)));
  if ((await next()) !== '85.11') throw new Error('the broker does not let the raw publisher in');

  return {
    async publish(queue, { properties, body }) {
      let flags = 0;
      const values: Buffer[] = [];
      for (const [position, [name, encode]] of encoders.entries()) {
        const value = (properties as Record<string, unknown>)[name];
        if (value === undefined) continue;
        flags |= 0x8000 >> position;
        values.push(encode(value as never));
      }
      const header = [short(60), short(0), longlong(body.length), short(flags), ...values];
      const frames = [
        method(1, [60, 40], short(0), shortString(''), shortString(queue), octet(0)),
        frame(2, 1, Buffer.concat(header)),
      ];
      const most = frameMax - 8;
      for (let at = 0; at < body.length; at += most) frames.push(frame(3, 1, body.subarray(at, at + most)));
      socket.write(Buffer.concat(frames));
      const taken = (await next()) === ack;
      if (!taken) socket.destroy();
      return taken;
    },
    close: () => void socket.destroy(),
  };
}

/** The methods that the broker sends, as `class.method`; heartbeats are off. */
async function* methodsOf(socket: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 7 && rest.length >= rest.readUInt32BE(3) + 8) {
        yield `${rest.readUInt16BE(7)}.${rest.readUInt16BE(9)}`;
        rest = rest.subarray(rest.readUInt32BE(3) + 8);
      }
    }
  } catch {
    // A connection reset by the broker has ended, too.
  }
}

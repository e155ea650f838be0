import * as fc from 'fast-check';

/** An AMQP 0-9-1 table in its wire format: tags and arbitrary bytes. */
export type RawTable = Buffer;

/** An arbitrary message: strings are bytes, in any encoding. */
export interface RawDelivery {
  readonly properties: Partial<Record<RawText, Buffer>> & {
    readonly headers?: RawTable;
    readonly deliveryMode?: number;
    readonly priority?: number;
    /** Seconds since 1970, unsigned 64 bits. */
    readonly timestamp?: bigint;
  };
  readonly body: Buffer;
}

type RawText =
  | 'contentType'
  | 'contentEncoding'
  | 'correlationId'
  | 'replyTo'
  | 'expiration'
  | 'messageId'
  | 'type'
  | 'appId'
  | 'clusterId';

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const short = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length]), bytes]);
const long = (bytes: Buffer) => Buffer.concat([uint32(bytes.length), bytes]);
const tagged = (tag: string, bytes: Buffer) => Buffer.concat([Buffer.from(tag), bytes]);

const bytes = (maxLength: number) =>
  fc.oneof(
    fc.uint8Array({ maxLength }).map((array) => Buffer.from(array)),
    // Too long for a short string once decoded to U+FFFD; of maximum length; with control characters.
    fc.constantFrom(
      Buffer.alloc(100, 0xff),
      Buffer.alloc(255, 0xff),
      Buffer.alloc(255, 'é'),
      Buffer.from('a\u0000\u001b[2Jb\n\tc'),
    ),
  );

const fixed = (tag: string, length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => tagged(tag, Buffer.from(array)));
const finite = (tag: string, length: 4 | 8) =>
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map((value) => {
    const encoded = Buffer.alloc(length);
    if (length === 4) encoded.writeFloatBE(value);
    else encoded.writeDoubleBE(value);
    return tagged(tag, encoded);
  });

const table = (entries: readonly (readonly [Buffer, Buffer])[]): RawTable =>
  Buffer.concat(entries.flatMap(([key, value]) => [short(key), value]));

/** All types of field that RabbitMQ takes: https://www.rabbitmq.com/amqp-0-9-1-errata#section_3 */
const { value: anyValue } = fc.letrec<{ value: Buffer; key: Buffer }>((tie) => ({
  key: fc.oneof(
    bytes(20),
    fc
      .constantFrom('x-attempt', 'x-reason', 'x-dead-at', 'x-death', '__proto__', '!')
      .map((key) => Buffer.from(key)),
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    fixed('b', 1),
    fixed('B', 1),
    fixed('s', 2),
    fixed('u', 2),
    fixed('I', 4),
    fixed('i', 4),
    fixed('l', 8),
    fixed('T', 8),
    fixed('D', 5),
    finite('f', 4),
    finite('d', 8),
    fc.constantFrom(tagged('t', Buffer.from([1])), tagged('V', Buffer.alloc(0))),
    bytes(300).map((text) => tagged('S', long(text))),
    bytes(300).map((binary) => tagged('x', long(binary))),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => tagged('A', long(Buffer.concat(values)))),
    fc
      .array(fc.tuple(tie('key'), tie('value')), { maxLength: 3 })
      .map((entries) => tagged('F', long(table(entries)))),
  ),
}));

/**
 * Depth of nested tables: twice what overflows amqplib's stack. RabbitMQ's time is quadratic in it and takes seconds
 * beyond that.
 */
const tooDeep = 8_000;
const deep = (levels: number): RawTable => {
  const heads = Array.from({ length: levels }, (_, level) => [Buffer.from('\u0000F'), uint32(level * 6)]);
  return Buffer.concat(heads.reverse().flat());
};

const anyHeaders = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.tuple(bytes(20), anyValue), { maxLength: 4 }).map(table) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('x-attempt', 'x-reason', 'x-dead-at', 'x-death', '__proto__'), anyValue)
      .map(([key, value]) => table([[Buffer.from(key), value]])),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      deep(900),
      deep(tooDeep),
      table([[Buffer.from('big'), tagged('S', long(Buffer.alloc(100_000, 0xff)))]]),
    ),
  },
);

/** A readable event, except for one field of its envelope. */
const almostAnEvent = fc
  .tuple(
    fc.constantFrom('id', 'source', 'type', 'subject', 'time', 'aggregateversion', 'data', 'specversion'),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        '',
        'a\u0000b',
        '\ud800',
        'order.\u0000.v1',
        'order.placed.v9',
        '0000-01-01T00:00:00Z',
        1e308,
      ),
    ),
  )
  .map(([field, value]) => Buffer.from(JSON.stringify({ ...anEvent, [field]: value })));
const anEvent = {
  specversion: '1.0',
  id: '019b76da-a800-7000-8000-00000000000a',
  source: '/bulkhead/order',
  type: 'order.archived.v1',
  subject: 'order-1',
  time: '2026-01-01T00:00:00Z',
  datacontenttype: 'application/json',
  aggregateversion: 1,
  data: { number: 1 },
};

const anyBody = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)) },
  { weight: 3, arbitrary: almostAnEvent },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('not json'),
      Buffer.from('['.repeat(200_000)),
      Buffer.alloc(300 * 1024, 'x'),
    ),
  },
);

const octet = fc.nat(255);
const text = fc.option(bytes(255), { nil: undefined, freq: 2 });

/**
 * Any message that a broker accepts from a sender; without properties that make it refuse one (userId, a CC that is not
 * a list).
 */
export const anyDelivery: fc.Arbitrary<RawDelivery> = fc
  .record({
    contentType: text,
    contentEncoding: text,
    correlationId: text,
    replyTo: text,
    messageId: text,
    type: text,
    appId: text,
    clusterId: text,
    expiration: fc.constantFrom(undefined, Buffer.from('0'), Buffer.from('60000')),
    headers: fc.option(anyHeaders, { nil: undefined }),
    deliveryMode: fc.option(octet, { nil: undefined }),
    priority: fc.option(octet, { nil: undefined }),
    timestamp: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
    body: anyBody,
  })
  .map(({ body, ...properties }) =>
    shownShort({
      properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
      body,
    }),
  );

/** Makes a counterexample show only the beginning of long values. */
function shownShort(delivery: RawDelivery): RawDelivery {
  const show = (value: unknown) =>
    Buffer.isBuffer(value) ? `${value.length} bytes ${value.toString('hex', 0, 40)}` : String(value);
  const shown = Object.entries({ ...delivery.properties, body: delivery.body }).map(
    ([name, value]) => `${name}: ${show(value)}`,
  );
  return Object.assign(delivery, { [fc.toStringMethod]: () => `{ ${shown.join(', ')} }` });
}

/** What used to stop a group permanently: properties that were too long once decoded, and nested tables. */
export const knownDeliveries: readonly RawDelivery[] = [
  ...(['messageId', 'type', 'contentType'] as const).map((property) => ({
    properties: { [property]: Buffer.alloc(100, 0xff) },
  })),
  { properties: { headers: deep(tooDeep) } },
].map(({ properties }) => shownShort({ properties, body: Buffer.from('not json') }));

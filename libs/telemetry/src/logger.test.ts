import fc from 'fast-check';
import { allowedFields } from './allowed-fields';
import { createLogger, type LogFields, type LoggerOptions } from './logger';
import { scrub, scrubUrl } from './scrub';

function setUp(options: Partial<LoggerOptions> = {}) {
  const written: string[] = [];
  const logger = createLogger({
    service: 'order',
    level: 'debug',
    destination: { write: (line) => void written.push(line) },
    ...options,
  });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, text: () => written.join('') };
}

const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkwYjNhOCJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ';

describe('a log line', () => {
  it('is one JSON object with time, level, service, message, fields and the ids of the request', () => {
    const { logger, lines, text } = setUp({
      context: () => ({ traceId: 't', spanId: 's', requestId: 'r' }),
    });
    logger.info(
      { event: 'order-confirmed', orderId: '0190b3a8-7d6f-7c3e-8a53-111111111111', status: 201 },
      'done',
    );
    expect(lines()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'info',
        service: 'order',
        msg: 'done',
        event: 'order-confirmed',
        orderId: '0190b3a8-7d6f-7c3e-8a53-111111111111',
        status: 201,
        trace_id: 't',
        span_id: 's',
        request_id: 'r',
      },
    ]);
    expect(text().match(/\n/g)).toHaveLength(1);
  });

  it('below the level is not written', () => {
    const { logger, lines } = setUp({ level: 'warn' });
    logger.debug({}, 'a');
    logger.info({}, 'b');
    logger.warn({}, 'c');
    logger.error({}, 'd');
    expect(lines().map((line) => line['msg'])).toEqual(['c', 'd']);
  });

  it('of a child carries its fields, filtered like any', () => {
    const { logger, lines } = setUp();
    logger.child({ group: 'orders', password: 'hunter2' } as LogFields).info({ attempt: 2 }, 'retry');
    expect(lines()[0]).toMatchObject({ group: 'orders', attempt: 2 });
    expect(lines()[0]).not.toHaveProperty('password');
  });
});

describe('what must not be logged', () => {
  it('is dropped with its field, whatever the field is called, and counted', () => {
    let dropped = 0;
    const { logger, lines, text } = setUp({ onDropped: (count) => (dropped += count) });
    const secrets = {
      password: 'hunter2-hunter2',
      email: 'jan@example.org',
      authorization: `Bearer ${jwt}`,
      body: { card: '4111111111111111', address: 'Main Street 1' },
      headers: { cookie: 'session=abcdef' },
      req: { url: '/x?token=abcdef' },
      Event: 'wrong case',
    };
    logger.info({ ...secrets, event: 'login' }, 'login');
    expect(lines()[0]).toMatchObject({ event: 'login', dropped_fields: 7 });
    expect(dropped).toBe(7);
    expect(text()).not.toMatch(/hunter2|example\.org|ey[A-Z]|4111|Main Street|abcdef/);
  });

  it('is dropped when an allowed field holds an object or a list', () => {
    const { logger, lines, text } = setUp();
    logger.info({ reason: { password: 'hunter2' }, count: ['jan@example.org'] } as unknown as LogFields, 'x');
    expect(text()).not.toMatch(/hunter2|example\.org/);
    expect(lines()[0]?.['dropped_fields']).toBe(2);
  });

  it('never comes out, for any names of fields and any nesting', () => {
    const secret = 'SECRET-VALUE';
    const names = fc.string({ maxLength: 20 }).filter((name) => !Object.hasOwn(allowedFields, name));
    fc.assert(
      fc.property(fc.dictionary(names, fc.constantFrom(secret, { a: secret }, [secret])), (fields) => {
        const { logger, text } = setUp();
        logger.error(fields, 'x');
        logger.child(fields).error({}, 'x');
        expect(text()).not.toContain(secret);
      }),
    );
  });

  it('is taken out of messages, reasons and errors with their stacks and causes', () => {
    const { logger, lines, text } = setUp();
    const cause = new Error(`duplicate key: Key (email)=(jan@example.org) already exists`);
    const error = Object.assign(new TypeError(`bad token ${jwt} of card 4111 1111 1111 1111`, { cause }), {
      code: '23505',
      parameters: ['hunter2'],
    });
    logger.error({ error, reason: 'postgres://shop:hunter2@localhost/order said no' }, 'call +420777123456');
    expect(text()).not.toMatch(/jan@|eyJ|4111|hunter2|777123456/);
    expect(lines()[0]).toMatchObject({
      msg: 'call +[digits]',
      reason: 'postgres://[credentials]@localhost/order said no',
      error: {
        name: 'TypeError',
        code: '23505',
        message: 'bad token [jwt] of card [digits]',
        stack: expect.stringContaining('logger.test.ts'),
        cause: { message: 'duplicate key: Key (email)=([email]) already exists' },
      },
    });
  });

  it('is taken out of URLs', () => {
    expect(scrubUrl('https://user:pass@shop.example/reset?token=abc#x')).toBe(
      'https://[credentials]@shop.example/reset',
    );
    const { logger, lines } = setUp();
    logger.info({ url: '/api/v1/reset?token=abc' }, 'x');
    expect(lines()[0]?.['url']).toBe('/api/v1/reset');
  });
});

describe('an error', () => {
  it('with itself as its cause, or that is no Error, is written all the same', () => {
    const { logger, lines } = setUp();
    const loop = new Error('loop');
    loop.cause = loop;
    logger.error({ error: loop }, 'a');
    logger.error({ error: 'just text' }, 'b');
    logger.error({ error: null }, 'c');
    expect(lines().map((line) => (line['error'] as { message: string }).message)).toEqual([
      'loop',
      'just text',
      'null',
    ]);
  });

  it('with a huge message is cut', () => {
    const { logger, text } = setUp();
    logger.error({ error: new Error('x'.repeat(1_000_000)) }, 'a');
    expect(text().length).toBeLessThan(10_000);
  });
});

describe('scrubbing', () => {
  it.each([
    ['an email', 'mail to Jan.Novák+shop@example.co.uk failed', 'mail to [email] failed'],
    ['a JWT', `token ${jwt}!`, 'token [jwt]!'],
    ['a card', 'card 4111-1111-1111-1111 declined', 'card [digits] declined'],
    ['a phone number', 'sms to 420777123456', 'sms to [digits]'],
    ['a header', 'sent Authorization: Bearer abc.def', 'sent [secret]'],
    ['a pair', 'login with password="hunter2"', 'login with [secret]"'],
    ['JSON', '{"password":"hunter2","a":1}', '{"[secret]","a":1}'],
  ])('takes out %s', (_what, text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  it.each([
    'order 0190b3a8-7d6f-7c3e-8a53-123456789012 of 2026-11-24 04:00:36 took 1234 ms',
    'trace 12345678901234567890123456789012',
    'ECONNREFUSED 127.0.0.1:5432',
    'SKU-12345 price 199900 CZK',
  ])('leaves alone: %s', (text) => {
    expect(scrub(text)).toBe(text);
  });

  it('finds every email in any text, and never throws', () => {
    const email = fc.emailAddress().filter((address) => /^[\w.+-]+@/.test(address));
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), email, (around, address) => {
        expect(scrub(`${around} ${address} ${around}`)).not.toContain(address);
      }),
    );
  });
});

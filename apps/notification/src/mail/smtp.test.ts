import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { DependencyUnavailable } from '@bulkhead/messaging/subscription';
import { systemClock } from '@bulkhead/resilience/clock';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { eventually } from '@bulkhead/testing/eventually';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createSmtp, MailRefused, type Smtp, type SmtpOptions } from './smtp';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const sendTo = (port: number, changed: Partial<SmtpOptions> = {}): Smtp => {
  const smtp = createSmtp({
    url: `smtp://127.0.0.1:${port}`,
    from: { name: 'Bulkhead', address: 'shop@mail.example.org', host: 'mail.example.org' },
    connections: 1,
    clock: systemClock,
    timeoutMs: 500,
    ...changed,
  });
  cleanups.push(() => smtp.close());
  return smtp;
};
const listening = async (options: SMTPServerOptions) => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => done());
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return (server.server.address() as AddressInfo).port;
};
const response = (code: number) =>
  Object.assign(new Error('no, not <bob@people.example.org>'), { responseCode: code });
const mail = {
  eventId: '0192f1a0-0000-7000-8000-000000000001',
  to: { name: 'Bob', address: 'bob@people.example.org' },
  subject: 'Hello',
  text: 'Hello',
  html: '<p>Hello</p>',
};
const failureOf = (smtp: Smtp, changed: Partial<typeof mail> = {}): Promise<Error> =>
  smtp.send({ ...mail, ...changed }).then(
    () => new Error('it was sent'),
    (error: Error) => error,
  );

test.each([
  ['an unknown recipient', 550, true],
  ['a recipient who is to be tried later', 450, false],
])('%s says no to this mail only', async (_what, code, permanent) => {
  const port = await listening({ onRcptTo: (_address, _session, done) => done(response(code)) });
  const failure = await failureOf(sendTo(port));
  expect(failure).toBeInstanceOf(MailRefused);
  expect(failure).toMatchObject({ code, permanent, message: `smtp-${code}` });
});

test('content that is refused says no to this mail only', async () => {
  const port = await listening({
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => done(response(554)));
    },
  });
  expect(await failureOf(sendTo(port))).toMatchObject({ name: 'MailRefused', code: 554, permanent: true });
});

test.each([
  ['a sender who may not send', { onMailFrom: (_a, _s, done) => done(response(530)) }],
  ['a server that is closing', { onRcptTo: (_a, _s, done) => done(response(421)) }],
  ['a server that turns everybody away', { onConnect: (_s, done) => done(response(554)) }],
] satisfies [string, SMTPServerOptions][])('%s means that the server is away', async (_what, options) => {
  expect(await failureOf(sendTo(await listening(options)))).toBeInstanceOf(DependencyUnavailable);
});

test.each<[string, SMTPServerOptions, string, [string, number][]]>([
  ['our sender', { onMailFrom: (_a, _s, done) => done(response(553)) }, '', [['sender', 553]]],
  [
    'our login',
    { disabledCommands: ['STARTTLS'], onAuth: (_a, _s, done) => done(response(535)) },
    'us:wrong@',
    [['login', 535]],
  ],
  ['our sender for now', { onMailFrom: (_a, _s, done) => done(response(451)) }, '', []],
  ['one recipient', { onRcptTo: (_a, _s, done) => done(response(550)) }, '', []],
])('a server that refuses %s is told apart from one that is away', async (_what, options, login, told) => {
  const port = await listening({ ...options, allowInsecureAuth: true });
  const refused: [string, number][] = [];
  const accountRefused = (what: string, code: number) => void refused.push([what, code]);
  await failureOf(sendTo(port, { url: `smtp://${login}127.0.0.1:${port}`, accountRefused }));
  expect(refused).toEqual(told);
});

test('a server that is not there is away', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(await failureOf(sendTo(port))).toBeInstanceOf(DependencyUnavailable);
});

test('a server that never answers is away after the limit, and its connection is given up', async () => {
  let open = 0;
  const server = createServer((socket) => {
    open += 1;
    socket.on('error', () => undefined);
    socket.on('close', () => (open -= 1));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const smtp = sendTo((server.address() as AddressInfo).port);
  expect(await failureOf(smtp)).toBeInstanceOf(DependencyUnavailable);
  smtp.close();
  await new Promise((resolve) => server.close(resolve));
  await eventually(() => open === 0);
});

test('no error repeats the address, not even when the server does', async () => {
  for (const code of [421, 450, 550]) {
    const port = await listening({ onRcptTo: (_address, _session, done) => done(response(code)) });
    const failure = await failureOf(sendTo(port));
    expect(JSON.stringify([failure.message, failure.stack, failure.cause ?? null])).not.toContain(
      'people.example.org',
    );
  }
});

test('an address that no server would take is refused for good without asking one', async () => {
  const port = await listening({});
  const to = { name: 'Bob', address: 'bob\n@example.org' };
  expect(await failureOf(sendTo(port), { to })).toMatchObject({ name: 'MailRefused', permanent: true });
});

test('a server that is away again and again is left alone for a while, until one mail finds it well', async () => {
  let isAway = true;
  let asked = 0;
  const port = await listening({
    onMailFrom(_address, _session, done) {
      asked += 1;
      done(isAway ? response(421) : undefined);
    },
  });
  const clock = createVirtualClock();
  const smtp = sendTo(port, { clock, breakers: { failureRatio: 0.5, openMs: 5_000 } });
  for (let n = 0; n < 2; n += 1) expect(await failureOf(smtp)).toBeInstanceOf(DependencyUnavailable);
  expect(smtp.admits()).toBe(false);
  expect(await failureOf(smtp)).toBeInstanceOf(DependencyUnavailable);
  expect(asked).toBe(2);

  isAway = false;
  await clock.advance(5_000);
  expect(smtp.admits()).toBe(true);
  await smtp.send(mail);
  await smtp.send(mail);
  expect(asked).toBe(4);
});

test('mails that are refused one by one say nothing about the server', async () => {
  const port = await listening({ onRcptTo: (_address, _session, done) => done(response(550)) });
  const smtp = sendTo(port);
  for (let n = 0; n < 5; n += 1) expect(await failureOf(smtp)).toBeInstanceOf(MailRefused);
  expect(smtp.admits()).toBe(true);
});

test('no more mails are sent at once than there are connections; as many again wait', async () => {
  let now = 0;
  let most = 0;
  const port = await listening({
    onData(stream, _session, done) {
      most = Math.max(most, (now += 1));
      stream.resume();
      stream.on('end', () =>
        setTimeout(() => {
          now -= 1;
          done();
        }, 20),
      );
    },
  });
  const smtp = sendTo(port, { connections: 2, timeoutMs: 10_000 });
  const ends = await Promise.allSettled(Array.from({ length: 5 }, () => smtp.send(mail)));
  expect(ends.map(({ status }) => status).sort()).toEqual([
    ...Array<string>(4).fill('fulfilled'),
    'rejected',
  ]);
  expect(most).toBe(2);
});

test('mails outlast a change of the password at the mail server', async () => {
  let accepted = 'old';
  const logins: string[] = [];
  const port = await listening({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ password }, _session, done) {
      logins.push(password ?? '');
      if (password === accepted) return done(null, { user: 'shop' });
      done(response(535));
    },
  });
  const as = (password: string) => `smtp://shop:${password}@127.0.0.1:${port}`;
  let passwords = ['old'];
  const refusals: string[] = [];
  const smtp = sendTo(port, {
    url: () => passwords.map(as),
    connections: 2,
    timeoutMs: 5_000,
    accountRefused: (what) => void refusals.push(what),
  });
  const sendSome = () => Promise.all(Array.from({ length: 4 }, () => smtp.send(mail)));
  await sendSome();
  passwords = ['new', 'old'];
  await sendSome();
  accepted = 'new';
  // What is connected stays so: the server asks for the password at the beginning only.
  await sendSome();
  passwords = ['new'];
  await sendSome();
  expect(new Set(logins)).toEqual(new Set(['old', 'new']));
  expect(refusals).toEqual([]);
});

test('after a rejected login the next one is tried, and only a mail that none can send is reported', async () => {
  const port = await listening({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      password === 'new' ? done(null, { user: 'shop' }) : done(response(535)),
  });
  const as = (password: string) => `smtp://shop:${password}@127.0.0.1:${port}`;
  let passwords = ['old', 'new'];
  const refusals: string[] = [];
  const smtp = sendTo(port, {
    url: () => passwords.map(as),
    timeoutMs: 5_000,
    breakers: { failureRatio: 0.5, openMs: 50 },
    accountRefused: (what) => void refusals.push(what),
  });
  await smtp.send(mail);
  expect(refusals).toEqual([]);
  passwords = ['old', 'older'];
  expect(await failureOf(smtp)).toBeInstanceOf(DependencyUnavailable);
  expect(refusals).toEqual(['login']);
  passwords = ['new'];
  await eventually(async () => expect(await failureOf(smtp)).toEqual(new Error('it was sent')));
});

import { Email } from '@bulkhead/contracts/auth/schemas';
import { systemClock } from '@bulkhead/resilience/clock';
import { type Mailbox, startMailbox } from '@bulkhead/testing/smtp';
import { createSmtp, type Smtp } from './smtp';

let mailbox: Mailbox;
let smtp: Smtp;
beforeAll(async () => {
  mailbox = await startMailbox();
  smtp = createSmtp({
    url: `smtp://127.0.0.1:${mailbox.port}`,
    from: { name: 'Bulkhead', address: 'shop@mail.example.org', host: 'mail.example.org' },
    connections: 1,
    clock: systemClock,
  });
});
afterAll(async () => {
  smtp.close();
  await mailbox.stop();
});

let sent = 0;
const send = (address: string) =>
  smtp.send({
    eventId: `0192f1a0-0000-7000-8000-${String((sent += 1)).padStart(12, '0')}`,
    to: { name: 'Bob', address },
    subject: 'Hello',
    text: 'Hello',
    html: '<p>Hello</p>',
  });

test.each([
  'bob@people.example.org',
  'bob.b+shop@people.example.org',
  "o'brien@people.example.org",
  '!#$%&*/=?^_`{|}~-@people.example.org',
  'zo\u00eb@people.example.org',
  `${'a'.repeat(64)}@people.example.org`,
])('the address %j that people may register is one that a mail server takes', async (address) => {
  expect(Email.safeParse(address).success).toBe(true);
  await send(address);
  expect(mailbox.messages().at(-1)?.to).toEqual([address]);
});

test('an address that a mail server refuses for good is one that nobody may register', async () => {
  await expect(send('a..b@people.example.org')).rejects.toMatchObject({
    name: 'MailRefused',
    permanent: true,
  });
  expect(Email.safeParse('a..b@people.example.org').success).toBe(false);
});

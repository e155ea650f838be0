import { createTransport } from 'nodemailer';
import { createAuthority } from './authority';
import { startMailbox } from './smtp';

const letter = {
  from: 'shop@example.test',
  to: 'ann@example.test',
  subject: 'Your order',
  text: 'Grüße',
  messageId: '<1@example.test>',
};

it('keeps a mail as it was sent, rejects while configured to, and accepts again', async () => {
  const mailbox = await startMailbox();
  const sender = createTransport({ host: '127.0.0.1', port: mailbox.port, secure: false });
  await sender.sendMail(letter);
  const mail = await mailbox.waitFor(({ subject }) => subject === 'Your order');
  expect(mail).toMatchObject({ from: letter.from, to: [letter.to], messageId: letter.messageId });
  expect(mail.text.trim()).toBe('Grüße');

  mailbox.refuse(true);
  await expect(sender.sendMail(letter)).rejects.toMatchObject({ responseCode: 451 });
  expect(mailbox.messages()).toHaveLength(1);
  mailbox.refuse(false);
  await sender.sendMail(letter);
  expect(mailbox.messages()).toHaveLength(2);
  await mailbox.stop();
});

it('reports what it waited for if it times out', async () => {
  const mailbox = await startMailbox();
  await expect(mailbox.waitFor(() => true, 50)).rejects.toThrow('a mail that fits');
  await mailbox.stop();
});

it('accepts mail only after STARTTLS and from its account, if configured', async () => {
  const authority = createAuthority('Mail');
  const mailbox = await startMailbox({
    tls: authority.issue(['localhost']),
    login: { user: 'shop', password: 'right' },
  });
  const send = (more: object) =>
    createTransport({ host: '127.0.0.1', port: mailbox.port, secure: false, ...more }).sendMail(letter);
  const tls = { ca: authority.ca, servername: 'localhost' };
  const auth = { user: 'shop', pass: 'right' };
  await expect(send({ ignoreTLS: true })).rejects.toMatchObject({ responseCode: 530 });
  await expect(send({ requireTLS: true, tls })).rejects.toMatchObject({ responseCode: 530 });
  await expect(send({ requireTLS: true, tls, auth: { ...auth, pass: 'wrong' } })).rejects.toMatchObject({
    responseCode: 535,
  });
  await send({ requireTLS: true, tls, auth });
  expect(mailbox.messages()).toHaveLength(1);
  await mailbox.stop();
});

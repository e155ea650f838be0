import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface CaughtMail {
  readonly id: string;
  readonly at: string;
  readonly messageId: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

const maxMails = 1_000;
const largestMailBytes = 1024 * 1024;

/** An SMTP server that delivers nothing and keeps the newest 1,000 mails in memory. */
export function createMailCatcher(): { readonly smtp: SMTPServer; mails(): readonly CaughtMail[] } {
  const mails: CaughtMail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    size: largestMailBytes,
    logger: false,
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      simpleParser(stream).then(
        ({ messageId = '', subject = '', text = '' }) => {
          mails.push({ id: randomUUID(), at: new Date().toISOString(), messageId, to, subject, text });
          if (mails.length > maxMails) mails.shift();
          done();
        },
        (error: Error) => done(error),
      );
    },
  });
  // A sender that breaks off must not end the process.
  smtp.on('error', () => undefined);
  return { smtp, mails: () => mails };
}

import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { eventually } from './eventually';

export interface Mail {
  readonly messageId: string;
  readonly from: string;
  /** The envelope's recipients, which are what counts for delivery. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailbox {
  readonly port: number;
  /** Everything accepted so far, in order; a mail sent twice is here twice. */
  messages(): readonly Mail[];
  /** The first mail that fits, as soon as it is there. @param timeoutMs default 10000, then it throws */
  waitFor(fits: (mail: Mail) => boolean, timeoutMs?: number): Promise<Mail>;
  /** While true every sender is answered 451, "try again later". */
  refuse(refusing: boolean): void;
  /** From now on the account has this password, and no longer the one before. */
  changePassword(password: string): void;
  stop(): Promise<void>;
}

export interface MailboxOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Then mail is taken after STARTTLS only. PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Then mail is taken from this account only. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Called for each accepted mail; a mail catcher prints it. */
  readonly onMail?: (mail: Mail) => void;
}

/** A real SMTP server that keeps what it is given. */
export const startMailbox = async (options: MailboxOptions = {}): Promise<Mailbox> => {
  const { port = 0, host = '127.0.0.1', tls, onMail } = options;
  const mails: Mail[] = [];
  let { login } = options;
  let refusing = false;
  const busy = () =>
    refusing ? Object.assign(new Error('try again later'), { responseCode: 451 }) : undefined;
  const server = new SMTPServer({
    ...tls,
    authOptional: !login,
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    onAuth({ username, password }, _session, done) {
      const isRight = username === login?.user && password === login?.password;
      done(isRight ? null : new Error('535 the login is wrong'), isRight ? { user: username } : undefined);
    },
    // No reverse lookups: nothing here leaves the machine.
    disableReverseLookup: true,
    logger: false,
    onMailFrom: (_address, _session, done) => done(busy()),
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      simpleParser(stream).then(
        (parsed) => {
          const error = busy();
          if (error) return done(error);
          const mail = toMail(parsed, recipients);
          mails.push(mail);
          onMail?.(mail);
          done();
        },
        (error: unknown) => done(error as Error),
      );
    },
  });
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    messages: () => [...mails],
    waitFor: (fits, timeoutMs = 10_000) =>
      eventually(() => mails.find(fits) ?? false, { timeoutMs, what: 'a mail that fits' }),
    refuse: (value) => void (refusing = value),
    changePassword: (password) => void (login &&= { ...login, password }),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};

const toMail = (parsed: ParsedMail, to: readonly string[]): Mail => ({
  messageId: parsed.messageId ?? '',
  from: parsed.from?.value[0]?.address ?? '',
  to,
  subject: parsed.subject ?? '',
  text: parsed.text ?? '',
  html: parsed.html || '',
});

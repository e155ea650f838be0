import { obstacleOf } from '@bulkhead/service/preflight/network-error';
import { failed, type Finding, ok, type Probe, targetOf } from '@bulkhead/service/preflight/probe';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface SmtpProbeOptions {
  /** In the format of SMTP_URL. */
  readonly url: string;
  /** The sender address of mails. */
  readonly from: string;
}

const timeoutMs = 4_000;

/**
 * Checks the mail server: its greeting, TLS, the login, and whether it accepts the sender. Goes as far as MAIL FROM and
 * resets it (RSET), so that no mail is sent.
 */
export const smtpProbe = ({ url, from }: SmtpProbeOptions): Probe => ({
  name: 'smtp',
  targets: [targetOf('SMTP_URL', url)],
  run: async ({ signal }) => [await converse(url, from, signal)],
});

interface SmtpError {
  readonly code?: string;
  /** The error code of the socket or TLS, where `code` is nodemailer's own. */
  readonly originalCode?: string;
  readonly timeoutType?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

async function converse(url: string, from: string, signal: AbortSignal): Promise<Finding> {
  const name = 'smtp';
  const { host, username } = new URL(url);
  const at = `SMTP_URL: the mail server at ${host}`;
  const { auth, ...settings } = parseConnectionUrl(url);
  let senderReply = '';
  const connection = new SMTPConnection({
    ...settings,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs / 2,
    dnsTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // nodemailer's way to send custom commands. It sends no AUTH by itself then.
    customAuth: {
      [askForSender]: async ({ sendCommand }) => {
        const { status, response } = await sendCommand(`MAIL FROM:<${from}>`);
        if (status !== 250) senderReply = response;
        await sendCommand('RSET');
      },
    },
  });
  const end = () => connection.close();
  signal.addEventListener('abort', end);
  const step = (begin: (done: (error?: Error | null) => void) => void) =>
    new Promise<SmtpError | undefined>((resolve) => {
      connection.once('error', (error: Error) => resolve(error as SmtpError));
      begin((error) => resolve((error as SmtpError | null) ?? undefined));
    });
  try {
    const unconnected = await step((done) => connection.connect(done));
    if (unconnected) return failed(name, whyUnconnected(at, unconnected));
    if (auth) {
      const refused = await step((done) => connection.login(auth, done));
      if (refused)
        return failed(
          name,
          `${at} refuses the login of ${decodeURIComponent(username)} (${replyOf(refused)}); set SMTP_URL to the present user and password.`,
        );
    }
    const unsaid = await step((done) => connection.login({ method: askForSender }, done));
    if (unsaid) return failed(name, `${at} broke off after MAIL FROM (${replyOf(unsaid)}).`);
    if (senderReply !== '')
      return failed(
        name,
        /^530/.test(senderReply)
          ? `${at} wants a login (${senderReply.trim()}); set SMTP_URL to smtp://user:password@${host}.`
          : `MAIL_FROM: the mail server at ${host} does not take mails from ${from} (${senderReply.trim()}); set MAIL_FROM to an address that this account may send from.`,
      );
    connection.quit();
    return ok(name, `${host} takes mails from ${from}${connection.secure ? ', by TLS' : ', not encrypted'}`);
  } finally {
    signal.removeEventListener('abort', end);
    connection.close();
  }
}

const askForSender = 'X-ASK-FOR-SENDER';

const replyOf = ({ response, responseCode, code }: SmtpError) =>
  response ?? responseCode ?? code ?? 'no reply';

function whyUnconnected(at: string, error: SmtpError): string {
  if (error.responseCode !== undefined)
    return `${at} does not let us in (${replyOf(error)}); set SMTP_URL to another.`;
  if (error.timeoutType === 'GREETING_TIMEOUT')
    return `${at} gives no greeting; set SMTP_URL to smtps:// where its port expects TLS from the start (465).`;
  const { problem, remedy } = obstacleOf(
    { ...error, code: error.originalCode ?? error.code },
    'NODE_EXTRA_CA_CERTS',
  );
  return `${at} cannot be used: ${problem}; ${remedy ?? 'set SMTP_URL to where it is'}.`;
}

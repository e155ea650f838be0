import { Email } from '@bulkhead/contracts/auth/schemas';
import { ConfigError, integer, url } from '@bulkhead/service/config';
import { secret } from '@bulkhead/service/secret';
import type { Mode } from '@bulkhead/service/service';
import { z } from 'zod';

/** The sender of mails. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Domain of the address; the right-hand side of every Message-ID. */
  readonly host: string;
}

/** An address, or a name and an address in angle brackets (RFC 5322 §3.4). */
const sender = /^(?:([^\s<>"]+)|([^<>"\p{Cc}]{1,100}) <([^\s<>"]+)>)$/u;

const readSender = (value: string, context: z.RefinementCtx): Sender => {
  const [, bare, name = '', named] = sender.exec(value) ?? [];
  const address = Email.safeParse(bare ?? named);
  if (!address.success) {
    context.addIssue({
      code: 'custom',
      message: 'must be an email address, or a name and an address in angle brackets',
    });
    return z.NEVER;
  }
  return { name, address: address.data, host: address.data.slice(address.data.lastIndexOf('@') + 1) };
};

export const NotificationConfig = z.object({
  SMTP_URL: secret(url('smtp', 'smtps')).describe(
    'the mail server, with user and password where it wants them',
  ),
  SMTP_CONNECTIONS: integer(1, 100)
    .default(4)
    .describe('maximum number of connections to the mail server, and of mails being sent'),
  SMTP_TIMEOUT_MS: integer(100, 30_000)
    .default(15_000)
    .describe('timeout for sending a mail in ms; less than the shutdown grace period'),
  MAIL_FROM: z.string().max(400).transform(readSender).describe('sender of mails'),
  PUBLIC_URL: url('http', 'https')
    .transform((value) => value.replace(/\/+$/, ''))
    .describe('public URL of the shop, used for links in mails'),
});

/** The sender in development; mail servers reject a domain that does not exist. */
const placeholderSender = 'shop@shop.example';

/** @throws ConfigError if a production shop would send mails from a placeholder address or with links to localhost */
export function refusePlaceholders(
  { MAIL_FROM, PUBLIC_URL }: Pick<z.output<typeof NotificationConfig>, 'MAIL_FROM' | 'PUBLIC_URL'>,
  mode: Mode,
): void {
  if (mode !== 'production') return;
  if (MAIL_FROM.address.toLowerCase() === placeholderSender)
    throw new ConfigError(
      `MAIL_FROM is the placeholder ${placeholderSender}, which is refused where NODE_ENV=production; set it to an address that your mail server may send from.`,
    );
  if (/^(localhost|127\.|\[::1\])/.test(new URL(PUBLIC_URL).hostname))
    throw new ConfigError(
      'PUBLIC_URL leads to localhost, which is refused where NODE_ENV=production; set it to where people reach the shop.',
    );
}

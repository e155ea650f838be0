import { integer, url } from '@bulkhead/service/config';
import { z } from 'zod';

/** Who mails are from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Of the address; the right side of every Message-ID. */
  readonly host: string;
}

const address = String.raw`([^\s<>@"]{1,64}@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*))`;
const sender = new RegExp(String.raw`^(?:${address}|([^<>"\p{Cc}]{1,100}) <${address}>)$`, 'u');

function readSender(value: string): Sender {
  const [, bare, bareHost, name = '', named = '', namedHost = ''] = sender.exec(value) ?? [];
  return { name, address: bare ?? named, host: bareHost ?? namedHost };
}

export const NotificationConfig = z.object({
  SMTP_URL: url('smtp', 'smtps').describe('the mail server, with user and password where it wants them'),
  SMTP_CONNECTIONS: integer(1, 100)
    .default(4)
    .describe('connections to the mail server, and mails being sent at once'),
  SMTP_TIMEOUT_MS: integer(100, 30_000)
    .default(15_000)
    .describe('longest sending of one mail; less than a shutdown takes'),
  MAIL_FROM: z
    .string()
    .max(300)
    .regex(sender, 'must be an address, or a name and an address in angle brackets')
    .transform(readSender)
    .describe('who mails are from'),
  PUBLIC_URL: url('http', 'https')
    .transform((value) => value.replace(/\/+$/, ''))
    .describe('where people reach the shop; links in mails begin with it'),
});

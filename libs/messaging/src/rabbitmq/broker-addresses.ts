/**
 * Broker addresses from `RABBITMQ_URL`: one URL, or several for the nodes of a cluster, separated by commas.
 * Credentials and virtual host default to those of the first: `amqp://me:secret@a/shop,amqp://b,amqp://c:5673`.
 * @returns at least one URL, amqp:// or amqps://
 * @throws Error without a value of `text`, which contains passwords
 */
export function brokerAddresses(text: string): readonly string[] {
  const [first, ...others] = text.split(separator).map((address) => parse(address.trim()));
  return [first!, ...others.map((url) => completed(url, first!))].map(({ href }) => href);
}

/** What `brokerAddresses` accepts, for error messages. */
export const brokerAddressesMeaning =
  'must be a URL that starts with amqp:// or amqps://, or several of them separated by commas';

/** A comma may be part of a password; one before the next URL is not. */
const separator = /,(?=\s*[a-z]+:\/\/)/i;

function parse(address: string): URL {
  if (!URL.canParse(address)) throw new Error(brokerAddressesMeaning);
  const url = new URL(address);
  if (!['amqp:', 'amqps:'].includes(url.protocol) || !/^[^,\s]+$/.test(url.hostname))
    throw new Error(brokerAddressesMeaning);
  return url;
}

function completed(url: URL, first: URL): URL {
  const whole = new URL(url);
  if (url.username === '' && url.password === '') {
    whole.username = first.username;
    whole.password = first.password;
  }
  if (url.pathname === '') whole.pathname = first.pathname;
  return whole;
}

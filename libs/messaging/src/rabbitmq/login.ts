import { credentials } from 'amqplib';

/** A client certificate, in PEM, for a broker that asks for one. */
export interface ClientCertificate {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Credentials for amqplib's socket options: amqplib decodes a URL as Latin-1, so that a password with other characters
 * would be refused. With a client certificate and no user in the URL, the certificate authenticates (SASL EXTERNAL,
 * https://www.rabbitmq.com/docs/access-control#mechanisms).
 */
export function loginOf(url: string, { cert, key }: ClientCertificate = {}) {
  const { username, password } = new URL(url);
  const user = decodeURIComponent(username);
  const byCertificate = user === '' && cert !== undefined;
  return {
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(byCertificate && { credentials: credentials.external() }),
    ...(user !== '' && { credentials: credentials.plain(user, decodeURIComponent(password)) }),
  };
}

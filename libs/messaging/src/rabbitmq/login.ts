import { credentials } from 'amqplib';

/** What is shown to a broker that asks for it, in PEM. */
export interface ClientCertificate {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * How to sign in at a broker, for amqplib's socket options: it decodes what a URL holds as Latin-1, so that a password
 * of other letters would be refused. With a client certificate and no user in the URL, the certificate says who it is
 * (SASL EXTERNAL, https://www.rabbitmq.com/docs/access-control#mechanisms).
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

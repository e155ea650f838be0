import { createTransport } from 'nodemailer';

export interface MailTransports {
  /** The connections of one login, created on demand. */
  of(url: string): ReturnType<typeof createMailTransport>;
  /** Closes those of all other logins once the mails being sent on them are sent. */
  keepOnly(urls: readonly string[]): void;
}

export interface MailTransportOptions {
  readonly connections: number;
  /** Timeout of one mail, ms. */
  readonly timeoutMs: number;
}

/** nodemailer's pools, one per login in use: a pool cannot change its login. */
export function createMailTransports(options: MailTransportOptions): MailTransports {
  const transports = new Map<string, ReturnType<typeof createMailTransport>>();
  return {
    of(url) {
      const transport = transports.get(url) ?? createMailTransport(url, options);
      transports.set(url, transport);
      return transport;
    },
    keepOnly(urls) {
      for (const [url, transport] of transports) {
        if (urls.includes(url)) continue;
        transports.delete(url);
        transport.close();
      }
    },
  };
}

const createMailTransport = (url: string, { connections, timeoutMs }: MailTransportOptions) =>
  createTransport({
    pool: true,
    url,
    maxConnections: connections,
    maxRequeues: 0,
    connectionTimeout: timeoutMs / 3,
    greetingTimeout: timeoutMs / 3,
    dnsTimeout: timeoutMs / 3,
    socketTimeout: timeoutMs,
    idleTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

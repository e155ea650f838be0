import { createTransport } from 'nodemailer';

export interface MailTransports {
  /** The connections of one login, made when they are needed. */
  of(url: string): ReturnType<typeof createMailTransport>;
  /** Closes those of all other logins, when what they are sending is sent. */
  keepOnly(urls: readonly string[]): void;
}

export interface MailTransportOptions {
  readonly connections: number;
  /** Limit of one mail, ms. */
  readonly timeoutMs: number;
}

/** nodemailer's pools, one for each login in use: a pool keeps the login that it was made with. */
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

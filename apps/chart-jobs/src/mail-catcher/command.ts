import { createServer } from 'node:http';
import { integer, loadConfig } from '@bulkhead/service/config';
import { z } from 'zod';
import { createMailCatcher } from './catch-mails';

const MailCatcherConfig = z.object({
  SMTP_PORT: integer(0, 65_535).default(1025),
  HTTP_PORT: integer(0, 65_535).default(8025),
});

/** `mail-catcher`: SMTP for the shop, and what was caught as JSON at `/mails`. Serves until SIGTERM. */
export async function runMailCatcher(environment: NodeJS.ProcessEnv): Promise<void> {
  const { SMTP_PORT, HTTP_PORT } = loadConfig(MailCatcherConfig, environment);
  const { smtp, mails } = createMailCatcher();
  const http = createServer((request, response) => {
    const isKnown = request.url === '/mails' || request.url === '/healthz';
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(request.url === '/mails' ? JSON.stringify(mails()) : '{}');
  });
  await new Promise<void>((resolve) => smtp.listen(SMTP_PORT, resolve));
  await new Promise<void>((resolve) => http.listen(HTTP_PORT, resolve));
  process.stdout.write(`catching mails on ${SMTP_PORT}, showing them on ${HTTP_PORT}\n`);
  const stop = () => smtp.close(() => http.close(() => process.exit(0)));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

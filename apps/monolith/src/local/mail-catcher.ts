import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

export interface MailCatcher {
  readonly url: string;
  readonly folder: string;
  stop(): Promise<void>;
}

const defaultMaxMails = 1_000;
const largestMailBytes = 1024 * 1024;

/**
 * A real SMTP server on loopback that delivers to a folder: every mail of the shop becomes an .eml file, which any mail
 * client opens. Keeps the newest `maxMails`, 1,000 by default.
 */
export async function startMailCatcher(
  folder: string,
  port = 0,
  maxMails = defaultMaxMails,
): Promise<MailCatcher> {
  await mkdir(folder, { recursive: true });
  const store = await openMailFolder(folder, maxMails);
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    size: largestMailBytes,
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('too large'), { responseCode: 552 }));
        store(Buffer.concat(chunks)).then(() => done(), done);
      });
    },
  });
  server.on('error', () => undefined);
  const bound = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
  return {
    url: `smtp://127.0.0.1:${bound}`,
    folder,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** @returns a function that stores a mail, and deletes the oldest if there are too many */
async function openMailFolder(folder: string, maxMails: number): Promise<(mail: Buffer) => Promise<void>> {
  // Oldest first, by file name. Read once: listing a thousand mails for each new one costs more than storing it.
  const kept = (await readdir(folder)).filter((file) => file.endsWith('.eml')).sort();
  return async (mail) => {
    const name = `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.eml`;
    const draft = join(folder, `.${name}`);
    await writeFile(draft, mail, { mode: 0o600 });
    await rename(draft, join(folder, name));
    kept.push(name);
    for (const old of kept.splice(0, Math.max(0, kept.length - maxMails)))
      await rm(join(folder, old), { force: true });
  };
}

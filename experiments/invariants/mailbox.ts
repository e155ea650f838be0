import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export interface DeliveredMail {
  /** Without its angle brackets. */
  readonly messageId: string;
  readonly at: Date;
}

/** Where the shop's mails arrive. Catchers keep the newest mails only; what is older cannot be judged. */
export interface Mailbox {
  mails(): Promise<readonly DeliveredMail[]>;
}

/** @param place a folder of .eml files, or the URL at which a mail catcher lists its mails as JSON */
export const openMailbox = (place: string): Mailbox =>
  /^https?:/.test(place) ? mailboxAt(place) : mailboxIn(place);

const headBytes = 16 * 1024;

function mailboxIn(folder: string): Mailbox {
  return {
    async mails() {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.eml') && !name.startsWith('.'));
      const mails = await Promise.all(names.map((name) => readHead(path.join(folder, name))));
      return mails.filter((mail) => mail !== undefined);
    },
  };
}

async function readHead(file: string): Promise<DeliveredMail | undefined> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    // The catcher has made room since the folder was listed.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const { mtime } = await handle.stat();
    return { messageId: messageIdOf(buffer.toString('latin1', 0, bytesRead)), at: mtime };
  } finally {
    await handle.close();
  }
}

/** RFC 5322: the header ends at the first empty line; a folded value goes on in a line that begins with a space. */
export function messageIdOf(mail: string): string {
  const header = mail.split(/\r?\n\r?\n/, 1)[0]!.replace(/\r?\n[ \t]+/g, ' ');
  return /^message-id:\s*<([^>]+)>/im.exec(header)?.[1] ?? '';
}

const Caught = z.array(z.object({ messageId: z.string(), at: z.coerce.date() }));

const mailboxAt = (url: string): Mailbox => ({
  async mails() {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`the mailbox at ${url} answered ${response.status}`);
    return Caught.parse(await response.json()).map(({ messageId, at }) => ({
      messageId: messageId.replace(/^<|>$/g, ''),
      at,
    }));
  },
});

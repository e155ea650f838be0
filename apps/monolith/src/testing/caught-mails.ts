import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The mails in the mailbox of a shop on this machine, with their folded lines joined. */
export async function caughtMails(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.eml') && !name.startsWith('.'));
  const mails = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return mails.map((mail) => mail.replace(/=\r?\n/g, ''));
}

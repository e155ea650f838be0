import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What is in the mailbox of a shop on this machine: each mail as it was sent, its lines made whole again. */
export async function caughtMails(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.eml') && !name.startsWith('.'));
  const mails = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return mails.map((mail) => mail.replace(/=\r?\n/g, ''));
}

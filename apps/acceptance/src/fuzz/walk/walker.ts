import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import { simpleParser } from 'mailparser';
import type { Call } from '../caller';

export interface WalkOptions {
  readonly admin: { readonly email: string; readonly password: string };
  readonly webhookSecret: string;
  /** Where the shop's mails arrive, a file each. */
  readonly mailFolder: string;
}

/** Id of nothing. */
export const nobodys = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';

/** What every part of the walk needs. */
export interface Walker {
  readonly call: Call;
  readonly webhookSecret: string;
  readonly admin: { readonly email: string; readonly token: string };
  /** A header with a new key. */
  key(): Record<string, string>;
  register(): Promise<Person>;
  /** Waits for a mail with a link to `page`. @returns the token in it */
  mailedToken(email: string, page: string): Promise<string>;
}

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

export async function createWalker(call: Call, options: WalkOptions): Promise<Walker> {
  const { admin, webhookSecret, mailFolder } = options;
  const { body } = await call('login', { json: admin });
  return {
    call,
    webhookSecret,
    admin: { email: admin.email, token: body.tokens.accessToken },
    key: () => ({ 'idempotency-key': randomUUID() }),
    async register() {
      const user = { email: `${randomUUID()}@people.example`, password: randomUUID() };
      const response = await call('register', { json: { ...user, name: 'Grace Hopper' } });
      return { ...user, id: response.body.user.id, token: response.body.tokens.accessToken };
    },
    mailedToken: (email, page) =>
      eventually(
        async () => {
          for (const name of (await readdir(mailFolder)).sort().reverse()) {
            const mail = await simpleParser(await readFile(path.join(mailFolder, name)));
            const found = new RegExp(`${page}#token=([A-Za-z0-9_-]{43})`).exec(mail.text ?? '');
            const to = [mail.to ?? []].flat().flatMap(({ value }) => value);
            if (found && to.some(({ address }) => address === email)) return found[1]!;
          }
          throw new Error(`no mail for ${page}`);
        },
        { timeoutMs: 20_000 },
      ),
  };
}

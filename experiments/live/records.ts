import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isFinal, type State } from '@bulkhead/app/order/src/saga/states';
import { Pool } from 'pg';
import type { Shop } from '../shop/shop';

/** How many of the latest orders and mails are shown. */
const shown = 6;
const askEveryMs = 1_000;

export interface ShownOrder {
  readonly id: string;
  readonly state: State;
  /** ISO 8601. */
  readonly at: string;
}

/** What the shop itself has on record, whoever it told. */
export interface Records {
  readonly orders: readonly ShownOrder[];
  /** Orders that have not come to their end. */
  readonly pending: number;
  readonly confirmed: number;
  /** Subjects of the latest mails. */
  readonly mails: readonly { readonly id: string; readonly subject: string }[];
  readonly mailed: number;
  /** Confirmed orders whose buyers have no mail yet. */
  readonly mailsDue: number;
}

/** Reads a shop's orders from its database and its mails from the mailbox, once a second. */
export function watchRecords(shop: Shop) {
  const url = shop.databases.get('order')?.ownerUrl;
  if (!url) throw new Error('order has no database');
  const pool = new Pool({ connectionString: url, max: 1 });
  pool.on('error', () => undefined);
  let confirmations = 0;
  let records: Records = { orders: [], pending: 0, confirmed: 0, mails: [], mailed: 0, mailsDue: 0 };

  /** Mails that were read are removed, or an evening of them would fill the folder. */
  const readMails = async () => {
    const files = (await readdir(shop.mailbox)).filter((file) => /^[^.].*\.eml$/.test(file)).sort();
    const found: { id: string; subject: string }[] = [];
    for (const file of files) {
      const text = await readFile(join(shop.mailbox, file), 'utf8').catch(() => '');
      const subject =
        /^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(text)?.[1]?.replace(/\s+/g, ' ') ?? '(no subject)';
      if (/is confirmed/.test(subject)) confirmations += 1;
      found.push({ id: file, subject });
      await rm(join(shop.mailbox, file), { force: true });
    }
    return found.reverse();
  };
  const read = async () => {
    const counts = await pool.query<{ state: State; count: number }>(
      'select state, count(*)::int as count from orders group by state',
    );
    const latest = await pool.query<{ id: string; state: State; created_at: Date }>(
      'select id, state, created_at from orders order by id desc limit $1',
      [shown],
    );
    const mails = await readMails();
    const sum = (chosen: (state: State) => boolean) =>
      counts.rows.reduce((total, { state, count }) => total + (chosen(state) ? count : 0), 0);
    const confirmed = sum((state) => state === 'confirmed');
    records = {
      orders: latest.rows.map((row) => ({
        id: row.id,
        state: row.state,
        at: row.created_at.toISOString(),
      })),
      pending: sum((state) => !isFinal(state)),
      confirmed,
      mails: [...mails, ...records.mails].slice(0, shown),
      mailed: records.mailed + mails.length,
      mailsDue: Math.max(0, confirmed - confirmations),
    };
  };
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      await read().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  })();
  return {
    records: () => records,
    async stop() {
      stopped = true;
      await watching;
      await pool.end();
    },
  };
}

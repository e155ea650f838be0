import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { sum } from './costs';

/** What a shop has done so far. */
export interface Counters {
  readonly statements: number;
  readonly events: number;
  readonly deliveries: number;
  /** Of tables whose rows stay, and of those whose rows go within a month, with their indexes. */
  readonly keptBytes: number;
  readonly passingBytes: number;
  readonly walBytes: number;
}

export interface CounterReader {
  read(): Promise<Counters>;
  close(): Promise<void>;
}

/** Their rows go after a day (outbox, keys) to a month (inbox, mails that ended, webhooks), or end with a session. */
const passing: readonly string[] = [
  'outbox',
  'idempotency_key',
  'inbox',
  'delivery',
  'dead_letter',
  'mail',
  'webhook_events',
  'sessions',
  'refresh_tokens',
  'one_time_tokens',
  'password_attempts',
];

const sizes = `select
    coalesce(sum(pg_total_relation_size(oid)) filter (where not relname = any ($1)), 0) as kept,
    coalesce(sum(pg_total_relation_size(oid)) filter (where relname = any ($1)), 0) as passing
  from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`;

/** Reads the metrics and the databases of a shop that `npm run services` runs in that data folder. */
export async function openCounters(dataDir: string): Promise<CounterReader> {
  const json = async (name: string) =>
    JSON.parse(await readFile(path.join(dataDir, name), 'utf8')) as unknown;
  const { databases } = (await json('places.json')) as { databases: Record<string, string> };
  const running = (await json('processes/running.json')) as Record<string, { adminPort: number }>;
  const clients = Object.values(databases).map((connectionString) => new Client({ connectionString }));
  await Promise.all(clients.map((client) => client.connect()));

  const metrics = async () => {
    const texts = await Promise.all(
      Object.values(running).map(async ({ adminPort }) =>
        (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text(),
      ),
    );
    return texts.join('\n');
  };
  const readSizes = async () => {
    const responses = await Promise.all(
      clients.map((client) => client.query<{ kept: string; passing: string }>(sizes, [passing])),
    );
    const rows = responses.flatMap((response) => response.rows);
    return {
      keptBytes: sum(rows.map(({ kept }) => Number(kept))),
      passingBytes: sum(rows.map((row) => Number(row.passing))),
    };
  };
  const readWal = async () => {
    const { rows } = await clients[0]!.query<{ bytes: string }>(
      "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bytes",
    );
    return Number(rows[0]!.bytes);
  };
  return {
    async read() {
      const text = await metrics();
      return {
        statements: totalOf(text, /^db_client_operation_duration_seconds_count\{.*?\} ([\d.e+]+)/gm),
        events: totalOf(text, /^messaging_published_total\{[^}]*outcome="confirmed"[^}]*\} ([\d.e+]+)/gm),
        deliveries: totalOf(text, /^messaging_handle_duration_seconds_count\{.*?\} ([\d.e+]+)/gm),
        ...(await readSizes()),
        walBytes: await readWal(),
      };
    },
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
}

const totalOf = (text: string, pattern: RegExp): number =>
  sum([...text.matchAll(pattern)].map(([, value]) => Number(value)));

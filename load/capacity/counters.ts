import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';

/** What a shop has done so far. */
export interface Counters {
  readonly statements: number;
  readonly events: number;
  readonly deliveries: number;
  readonly storedBytes: number;
  readonly walBytes: number;
}

export interface CounterReader {
  read(): Promise<Counters>;
  close(): Promise<void>;
}

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
  const bytes = async (client: Client, expression: string) => {
    const { rows } = await client.query<{ bytes: string }>(`select ${expression} as bytes`);
    return Number(rows[0]!.bytes);
  };
  return {
    async read() {
      const text = await metrics();
      const sizes = await Promise.all(
        clients.map((client) => bytes(client, 'pg_database_size(current_database())')),
      );
      return {
        statements: totalOf(text, /^db_client_operation_duration_seconds_count\{.*?\} ([\d.e+]+)/gm),
        events: totalOf(text, /^messaging_published_total\{[^}]*outcome="confirmed"[^}]*\} ([\d.e+]+)/gm),
        deliveries: totalOf(text, /^messaging_handle_duration_seconds_count\{.*?\} ([\d.e+]+)/gm),
        storedBytes: sizes.reduce((all, size) => all + size, 0),
        walBytes: await bytes(clients[0]!, "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"),
      };
    },
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
}

const totalOf = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((all, [, value]) => all + Number(value), 0);

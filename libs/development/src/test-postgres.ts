import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from './embedded';

export interface PostgresServer {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** A temporary PostgreSQL in a temporary folder; both are removed with this process, even if it is killed. */
export const startTestPostgres = async (): Promise<PostgresServer> => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bulkhead-postgres-'));
  return startEmbeddedPostgres({ dataDir, ephemeral: true });
};

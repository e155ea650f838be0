import type pg from 'pg';
import { withClient, withExclusiveClient } from './admin-client';
import { provisionScript, type ProvisionScriptOptions, type ScriptStep } from './provision-script';

export interface ProvisionOptions extends ProvisionScriptOptions {
  /** A role that may create roles and databases. */
  readonly adminUrl: string;
  readonly ownerPassword: string;
  readonly appPassword: string;
}

export interface ProvisionedDatabase {
  /** For migrations: owns the database and its schema. */
  readonly ownerUrl: string;
  /** For the service: reads and writes rows, changes no schema. */
  readonly appUrl: string;
}

/** One provisioner at a time per server: creating roles and databases concurrently is not safe. */
const provisionLock = 72_001;
const provisionWaitMs = 120_000;

/**
 * Creates what a service needs on a PostgreSQL 15–18 server and is missing: two roles, and a database that nobody else
 * may connect to. Idempotent; sets the passwords and grants again.
 * @throws pg's DatabaseError when the administrator lacks a right; LockTaken when another provisioner is active for 2
 *   min
 */
export const provisionDatabase = async (options: ProvisionOptions): Promise<ProvisionedDatabase> => {
  const { adminUrl, ownerPassword, appPassword } = options;
  const { database, owner, app, onServer, inDatabase } = provisionScript(options);
  await withExclusiveClient(adminUrl, { key: provisionLock, waitMs: provisionWaitMs }, async (admin) => {
    await runSteps(admin, onServer);
    await withClient(atDatabase(adminUrl, database), (inside) => runSteps(inside, inDatabase));
  });
  return {
    ownerUrl: atDatabase(adminUrl, database, owner, ownerPassword),
    appUrl: atDatabase(adminUrl, database, app, appPassword),
  };
};

const runSteps = async (client: pg.Client, steps: readonly ScriptStep[]) => {
  for (const { sql, isGenerated } of steps) {
    const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' });
    if (isGenerated) for (const [statement = ''] of rows) await client.query(statement);
  }
};

/** The URL of another database on the same server, and optionally of another role. */
export const atDatabase = (serverUrl: string, database: string, user?: string, password?: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.toString();
};

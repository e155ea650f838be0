import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { serviceNames } from '@bulkhead/contracts/services';
import { z } from 'zod';

const Secrets = z.object({
  adminPassword: z.string(),
  customerPassword: z.string(),
  keyEncryptionSecret: z.string(),
  webhookSecret: z.string(),
  /** Of the admin ports. */
  adminToken: z.string(),
  databaseRoles: z.record(z.string(), z.object({ owner: z.string(), app: z.string() })),
  brokerUsers: z.record(z.string(), z.string()),
});

/** The secrets of a shop on this machine. */
export type LocalSecrets = z.output<typeof Secrets>;

const make = (bytes = 24) => randomBytes(bytes).toString('base64url');

const makeSecrets = (): LocalSecrets => ({
  adminPassword: make(12),
  customerPassword: make(12),
  keyEncryptionSecret: make(32),
  webhookSecret: make(32),
  adminToken: make(32),
  databaseRoles: Object.fromEntries(serviceNames.map((name) => [name, { owner: make(), app: make() }])),
  brokerUsers: Object.fromEntries(serviceNames.map((name) => [name, make()])),
});

/** Reads the secrets of a data folder, or generates them at the first start; only the owner may read the file. */
export async function loadLocalSecrets(dataDir: string): Promise<LocalSecrets> {
  const file = join(dataDir, 'secrets.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const kept: Partial<LocalSecrets> = text === undefined ? {} : (JSON.parse(text) as object);
  const made = makeSecrets();
  // A later version may have more secrets, and more services.
  const secrets = Secrets.parse({
    ...made,
    ...kept,
    databaseRoles: { ...made.databaseRoles, ...kept.databaseRoles },
    brokerUsers: { ...made.brokerUsers, ...kept.brokerUsers },
  });
  if (isDeepStrictEqual(secrets, kept)) return secrets;
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
  return secrets;
}

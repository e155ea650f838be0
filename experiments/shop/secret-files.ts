import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';

/** What services keep secret and may be rotated while they run. */
export const rotatedVariables = [
  'DATABASE_URL',
  'RABBITMQ_URL',
  'SMTP_URL',
  'PAYMENT_WEBHOOK_SECRET',
  'AUTH_KEY_ENCRYPTION_SECRET',
] as const;
export type RotatedVariable = (typeof rotatedVariables)[number];

export const secretFile = (folder: string, service: ServiceName, variable: RotatedVariable): string =>
  join(folder, service, variable);

export const readSecret = (folder: string, service: ServiceName, variable: RotatedVariable): string[] =>
  readFileSync(secretFile(folder, service, variable), 'utf8')
    .trim()
    .split('\n');

/** Replaces the file at once, as the kubelet does. */
export async function giveSecret(
  folder: string,
  service: ServiceName,
  variable: RotatedVariable,
  ...values: readonly string[]
): Promise<void> {
  const file = secretFile(folder, service, variable);
  await mkdir(join(folder, service), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${values.join('\n')}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @returns the environment with the names of files in place of secrets */
export async function writeSecrets(
  folder: string,
  service: ServiceName,
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const given: Record<string, string> = { ...environment };
  for (const variable of rotatedVariables) {
    const value = given[variable];
    if (value === undefined) continue;
    await giveSecret(folder, service, variable, value);
    delete given[variable];
    given[`${variable}_FILE`] = secretFile(folder, service, variable);
  }
  return given;
}

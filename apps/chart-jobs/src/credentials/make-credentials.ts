import { type Credential, missingKeys } from './credential';
import type { SecretStore } from './secret-store';

/**
 * Makes the Secrets, and the keys in them, that are missing; what is there is never changed, so that it may be repeated
 * with every upgrade and beside another run.
 * @returns one line for each Secret
 */
export async function ensureCredentials(
  credentials: readonly Credential[],
  store: SecretStore,
  random: () => string,
): Promise<string[]> {
  const lines: string[] = [];
  for (const credential of credentials) lines.push(await ensureCredential(credential, store, random));
  return lines;
}

async function ensureCredential(
  credential: Credential,
  store: SecretStore,
  random: () => string,
): Promise<string> {
  const { name, labels } = credential;
  let existing = await store.read(name);
  if (!existing) {
    if (await store.create(name, labels, missingKeys(credential, {}, random))) return `${name}: made`;
    existing = (await store.read(name)) ?? {};
  }
  const missing = missingKeys(credential, existing, random);
  const keys = Object.keys(missing);
  if (keys.length === 0) return `${name}: left as it is`;
  await store.add(name, missing);
  return `${name}: added ${keys.join(', ')}`;
}

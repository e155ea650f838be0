import { customerEmail } from './environment';
import type { LocalSecrets } from './secrets';

/** Registers the example customer through the public API; on later starts the account already exists. */
export async function seedCustomer(origin: string, secrets: LocalSecrets): Promise<void> {
  const response = await fetch(`${origin}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: customerEmail, password: secrets.customerPassword, name: 'Ada Lovelace' }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (response.status !== 201 && response.status !== 409)
    throw new Error(`registering the example customer was answered with ${response.status}`);
}

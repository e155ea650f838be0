import { customerEmail } from './environment';
import type { LocalSecrets } from './secrets';

/** Registers the example customer, as any person would; a start later they are there already. */
export async function seedCustomer(origin: string, secrets: LocalSecrets): Promise<void> {
  const answer = await fetch(`${origin}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: customerEmail, password: secrets.customerPassword, name: 'Ada Lovelace' }),
    signal: AbortSignal.timeout(10_000),
  });
  await answer.body?.cancel();
  if (answer.status !== 201 && answer.status !== 409)
    throw new Error(`registering the example customer was answered with ${answer.status}`);
}

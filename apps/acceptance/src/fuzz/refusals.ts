import type { Call } from './caller';
import type { Observed } from './observed';

/** Largest body of any operation is 256 KiB. */
const tooLarge = ' '.repeat(300 * 1024);
const anId = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';

/** Sends every operation what each must refuse alike: no token, a wrong role, too much, another media type, nonsense. */
export async function provokeRefusals(
  { operations }: Observed,
  call: Call,
  tokens: { readonly user: string; readonly admin: string },
): Promise<void> {
  const params = new Proxy(
    {},
    { get: (_, name) => ({ sku: 'NO-SKU', provider: 'simulated' })[String(name)] ?? anId },
  );
  for (const { id, needsUser, role, takesJson, statuses } of operations) {
    const token = needsUser ? (role === 'admin' ? tokens.admin : tokens.user) : undefined;
    const headers = { 'idempotency-key': 'refused', 'content-type': 'application/json' };
    if (needsUser) await call(id, { params });
    if (needsUser) await call(id, { params, token: 'nonsense' });
    if (role === 'admin') await call(id, { params, token: tokens.user });
    await call(id, { params, token, query: '?surprise=1' });
    await call(id, { params, token, query: '?surprise=%ff' });
    await call(id, { params, token, headers: { 'x-large': 'x'.repeat(100_000) } });
    if (statuses.includes(413)) await call(id, { params, token, headers, raw: tooLarge });
    if (!takesJson) continue;
    await call(id, { params, token, headers, raw: '{"a":' });
    await call(id, { params, token, headers: { ...headers, 'content-type': 'text/plain' }, raw: '{}' });
    await call(id, { params, token, headers, json: { surprise: 1 } });
  }
}

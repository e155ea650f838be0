import { randomUUID } from 'node:crypto';
import type { FaultRule } from '@bulkhead/resilience/fault-rules';
import type { NewFault } from './shop';

/** Rules as the admin port takes them. */
export const faultRules = (faults: readonly NewFault[]): readonly FaultRule[] =>
  faults.map((fault) => ({
    id: `fault-${randomUUID().slice(0, 8)}`,
    share: 1,
    durationMs: 60_000,
    ...fault,
  }));

/** The admin port of a process of the shop. */
export function createAdminPort(port: () => number, token: string) {
  const call = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port()}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(5_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`);
    return text;
  };
  return {
    async setFaults(faults: readonly NewFault[]): Promise<void> {
      await call('/faults', { method: 'PUT', body: JSON.stringify({ faults: faultRules(faults) }) });
    },
    metrics: () => call('/metrics'),
  };
}

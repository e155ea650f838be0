import { randomUUID } from 'node:crypto';
import type { FaultRule } from '@bulkhead/resilience/fault-rules';
import type { NewFault } from './shop';

/** Rules as the admin port takes them. */
const faultRules = (faults: readonly NewFault[]): readonly FaultRule[] =>
  faults.map((fault) => ({
    id: `fault-${randomUUID().slice(0, 8)}`,
    share: 1,
    durationMs: 60_000,
    ...fault,
  }));

/** What sets the faults of a process, instead of those it has: `PUT /faults` of its admin port, as `fetch` takes it. */
const faultsRequest = (token: string, faults: readonly NewFault[]) => ({
  method: 'PUT',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ faults: faultRules(faults) }),
});

/**
 * The same as an expression to evaluate in a pod of the charts', whose admin port is open to few others. It resolves to the
 * `status` and the `text` of the response.
 */
export const faultsInPod = (token: string, faults: readonly NewFault[]): string =>
  `fetch('http://127.0.0.1:9090/faults', ${JSON.stringify(faultsRequest(token, faults))})
    .then(async (response) => ({ status: response.status, text: await response.text() }))`;

/** The admin port of a process of the shop. */
export function createAdminPort(port: () => number, token: string) {
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port()}${path}`, {
      ...init,
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`);
    return text;
  };
  return {
    async setFaults(faults: readonly NewFault[]): Promise<void> {
      await call('/faults', faultsRequest(token, faults));
    },
    metrics: () => call('/metrics'),
  };
}

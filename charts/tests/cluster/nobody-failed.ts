import type { Kube } from './kube';
import type { TrafficReport } from './traffic';

/** @throws Error with the failures and with the state of the namespace, which says what became of the pods meanwhile */
export async function expectNobodyFailed(kube: Kube, { failures, requests }: TrafficReport): Promise<void> {
  if (failures.length === 0) return;
  throw new Error(
    [
      `${failures.length} of ${requests} requests failed:`,
      ...failures.slice(0, 20),
      await kube.describe(),
    ].join('\n'),
  );
}

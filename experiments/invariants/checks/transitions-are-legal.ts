import { isLegal } from '@bulkhead/app/order/src/saga/states';
import type { Invariant, Offence } from '../invariant';
import { type AuditedOrder, readOrders } from '../orders';

export const transitionsAreLegal: Invariant = {
  name: 'transitions-are-legal',
  sentence:
    'Every timeline begins with placed, has no gap, goes only by the saga’s own table and never back in time, and its last entry is what the order is.',
  async check(shop) {
    const orders = await readOrders(shop);
    return { examined: orders.length, offences: orders.flatMap(judge) };
  },
};

function judge({ id, state, version, timeline }: AuditedOrder): Offence[] {
  const problems: string[] = [];
  if (timeline[0]?.state !== 'placed') problems.push(`begins with ${timeline[0]?.state ?? 'nothing'}`);
  for (const [index, entry] of timeline.entries()) {
    if (entry.sequence !== index + 1) problems.push(`entry ${index + 1} has number ${entry.sequence}`);
    const before = timeline[index - 1];
    if (!before) continue;
    if (!isLegal(before.state, entry.state)) problems.push(`went from ${before.state} to ${entry.state}`);
    if (entry.at < before.at) problems.push(`${entry.state} was before ${before.state}`);
  }
  const last = timeline.at(-1);
  if (last && (last.state !== state || last.sequence !== version))
    problems.push(
      `is ${state} in version ${version}, but its timeline ends with ${last.state}, ${last.sequence}`,
    );
  return problems.map((problem) => ({ subject: id, problem }));
}

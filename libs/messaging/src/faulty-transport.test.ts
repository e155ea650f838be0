import type { CloudEvent } from '@bulkhead/contracts/event';
import { systemClock } from '@bulkhead/resilience/clock';
import { createFaults } from '@bulkhead/resilience/faults';
import { mails } from './conformance/shop';
import { withConsumerFaults } from './faulty-transport';
import { subscribe, subscribeInBatches } from './subscription';

const [{ type }] = mails.events;
const event = { type } as unknown as CloudEvent;
const delivery = { signal: new AbortController().signal } as never;

/** Counts what reaches the handler of a group whose events all fail. */
function subscriptionsThatFail() {
  const faults = createFaults({ clock: systemClock, enabled: true });
  faults.set([
    {
      id: 'fails',
      target: { kind: 'consumer', name: `${mails.group}.*` },
      effect: { type: 'error' },
      share: 1,
      durationMs: 60_000,
    },
  ]);
  let handled = 0;
  const handle = async () => void (handled += 1);
  const [alone, together] = withConsumerFaults(
    [subscribe(mails, handle), subscribeInBatches(mails, handle)],
    faults,
  );
  return { alone: alone!, together: together!, handled: () => handled };
}

test('a fault strikes at an event that is handled alone, and at those that are handled together', async () => {
  const { alone, together, handled } = subscriptionsThatFail();
  await expect(alone.handle(event, delivery)).rejects.toThrow();
  await expect(together.handle(event, delivery)).rejects.toThrow();
  await expect(together.handleAll!([event, event], delivery)).rejects.toThrow();
  expect(handled()).toBe(0);
});

import { createDatabase } from '@bulkhead/database/pool';
import { DatabaseUnavailable } from '@bulkhead/database/errors';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import type { FaultEffect, FaultKind } from '@bulkhead/resilience/fault-rules';
import { createFaults } from '@bulkhead/resilience/faults';
import { createTestDatabase } from '@bulkhead/database/testing/postgres';
import { databaseFaults } from '../admin/database-faults';
import type { OutgoingCall } from './client';
import { withPeerFaults } from './faulty-peer';

const faults = createFaults({ clock, enabled: true });
const inject = (kind: FaultKind, name: string, effect: FaultEffect) =>
  faults.set([{ id: 'fault', target: { kind, name }, effect, share: 1, durationMs: 60_000 }]);
afterEach(() => faults.set([]));

describe('calls to a peer with injected faults', () => {
  const call = (ms = 1_000) =>
    ({
      endpoint: { operationId: 'capture' },
      signal: deadlineAfter(clock, ms).signal,
    }) as unknown as OutgoingCall;
  const send = jest.fn(async () => ({ status: 200, headers: {}, body: {} }));
  const transport = withPeerFaults('payment', { send, close: async () => undefined }, faults);
  beforeEach(() => send.mockClear());

  it('get the status asked for, without the peer having been asked', async () => {
    inject('peer', 'payment', { type: 'error', status: 503 });
    expect(await transport.send(call())).toMatchObject({ status: 503 });
    expect(send).not.toHaveBeenCalled();
  });

  it('end as an unknown outcome when the answer is lost, and the peer has acted', async () => {
    inject('peer', 'payment.capture', { type: 'answer-lost' });
    await expect(transport.send(call())).rejects.toMatchObject({
      name: 'PeerUnavailable',
      outcome: 'unknown',
    });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('hang only until their deadline', async () => {
    inject('peer', 'payment', { type: 'hang' });
    await expect(transport.send(call(30))).rejects.toMatchObject({ name: 'DeadlineExceeded' });
  });
});

describe('statements with injected faults', () => {
  it('are late or fail as with a database that is away, ours and those of the pool, and work again after', async () => {
    const testDatabase = await createTestDatabase({ service: 'order' });
    const database = createDatabase({
      url: testDatabase.url,
      applicationName: 'order',
      faults: databaseFaults('order', faults),
    });
    try {
      inject('database', 'order', { type: 'reset' });
      await expect(database.query({ text: 'select 1' })).rejects.toThrow(DatabaseUnavailable);
      await expect(database.pool.query('select 1')).rejects.toThrow('Injected');
      inject('database', 'order.select', { type: 'latency', latency: { distribution: 'fixed', ms: 60 } });
      const startedAt = clock.monotonic();
      expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(clock.monotonic() - startedAt).toBeGreaterThan(50);
      inject('database', 'order.commit', { type: 'answer-lost' });
      await expect(database.transaction(async () => 1)).rejects.toMatchObject({ mayHaveCommitted: true });
      faults.set([]);
      expect(await database.transaction(async () => 1)).toBe(1);
    } finally {
      await database.close();
      await testDatabase.drop();
    }
  });
});

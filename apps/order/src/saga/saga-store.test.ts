import { randomUUID } from 'node:crypto';
import type { Transaction } from '@bulkhead/database/database';
import { planOf } from '@bulkhead/database/testing/plan';
import { createSagaLab, type SagaLab } from '../testing/saga-lab';
import { claim, findExpired } from './claim.sql';
import type { Saga } from './saga';
import type { State } from './states';

describe('two who work on one order, because a lease ran out', () => {
  let lab: SagaLab;
  let first: Saga;
  let second: Saga;
  beforeAll(async () => {
    lab = await createSagaLab();
  });
  afterAll(() => lab.stop());
  beforeEach(async () => {
    const orderId = await lab.place('SKU', 700, 'pm_ok');
    first = (await lab.store.read(lab.database, orderId))!;
    [second] = (await lab.store.claim(lab.database, randomUUID(), 1, orderId)) as [Saga];
  });

  it('the one who found no stock does not reject it under the other, who may have found some', async () => {
    const rejected = { to: 'rejected', reason: 'out-of-stock' } as const;
    expect(await lab.store.move(lab.database, first, rejected)).toBeUndefined();
    expect(await lab.store.move(lab.database, second, { to: 'reserved' })).toMatchObject({ version: 2 });
  });

  it('either may move it on, and only one does', async () => {
    expect(await lab.store.move(lab.database, first, { to: 'reserved' })).toMatchObject({ version: 2 });
    expect(await lab.store.move(lab.database, second, { to: 'reserved' })).toBeUndefined();
  });
});

describe('transitions', () => {
  let lab: SagaLab;
  beforeAll(async () => {
    lab = await createSagaLab();
  });
  afterAll(() => lab.stop());
  const placed = async () => {
    const orderId = await lab.place('SKU', 700, 'pm_ok');
    return (await lab.store.read(lab.database, orderId))!;
  };

  describe('of one moment', () => {
    const toldOf = async ({ id }: Saga) =>
      (
        await lab.database.query<{ type: string }>({
          text: `select type from outbox where subject = $1 order by position`,
          values: [id],
        })
      ).rows.map(({ type }) => type);

    it('are made together, except for an order that was changed concurrently', async () => {
      const [one, overtaken, other] = [await placed(), await placed(), await placed()];
      await lab.store.move(lab.database, overtaken, { to: 'reserved' });
      const rejected = { to: 'rejected', reason: 'out-of-stock', lackingSkus: ['SKU'] } as const;
      const made = await lab.store.moveAll(
        lab.database,
        [one, overtaken, other].map((saga) => ({ saga, move: rejected })),
      );
      expect(made.map((saga) => saga?.state)).toEqual(['rejected', undefined, 'rejected']);
      expect(await Promise.all([one, overtaken, other].map(toldOf))).toEqual([
        ['order.placed.v1', 'order.rejected.v1'],
        ['order.placed.v1'],
        ['order.placed.v1', 'order.rejected.v1'],
      ]);
    });

    it('of which two concern one order are made once, with one event', async () => {
      const saga = await placed();
      const asked = { saga, move: { to: 'rejected', reason: 'out-of-stock' } } as const;
      const made = await lab.store.moveAll(lab.database, [asked, { ...asked }]);
      expect(made.map((moved) => moved?.state)).toEqual(['rejected', undefined]);
      expect(await toldOf(saga)).toEqual(['order.placed.v1', 'order.rejected.v1']);
    });
  });

  describe('that a crash of the server may forget', () => {
    const reserved = async () => (await lab.store.move(lab.database, await placed(), { to: 'reserved' }))!;
    const authorised = async () =>
      (await lab.store.move(lab.database, await reserved(), { to: 'authorised' }))!;
    /** Whether a commit would wait for the disk after the work, by PostgreSQL's name for it. */
    const commitAfter = (work: (tx: Transaction) => Promise<unknown>) =>
      lab.database.transaction(async (tx) => {
        await tx.query({ text: 'set local synchronous_commit = on' });
        await work(tx);
        const { rows } = await tx.query<{ synchronous_commit: string }>({ text: 'show synchronous_commit' });
        return rows[0]?.synchronous_commit;
      });

    it('is that the money is held, which payment knows, and no other transition', async () => {
      const moves = async (...asked: [Saga, State][]) =>
        commitAfter(async (tx) => {
          const made = await lab.store.moveAll(
            tx,
            asked.map(([saga, to]) => ({ saga, move: { to } })),
          );
          expect(made.map((saga) => saga?.state)).toEqual(asked.map(([, to]) => to));
        });
      expect(await moves([await reserved(), 'authorised'], [await reserved(), 'authorised'])).toBe('off');
      expect(await moves([await reserved(), 'authorised'], [await authorised(), 'committed'])).toBe('on');
      expect(await moves([await placed(), 'reserved'])).toBe('on');
      expect(await moves([await authorised(), 'committed'])).toBe('on');
      const stuck = (await lab.store.move(lab.database, await reserved(), { to: 'needs_attention' }))!;
      expect(await moves([stuck, 'authorised'])).toBe('on');
    });

    it('is that news came for nobody, where that is all of the transaction', async () => {
      const { id: orderId } = await reserved();
      const wake = (state: State, isAll: boolean) =>
        commitAfter(async (tx) => {
          const woken = await lab.store.wake(tx, [{ orderId, states: [state] }], isAll);
          expect([...woken.keys()]).toEqual(state === 'reserved' ? [orderId] : []);
        });
      expect(await wake('committed', true)).toBe('off');
      expect(await wake('committed', false)).toBe('on');
      expect(await wake('reserved', true)).toBe('on');
    });
  });
});

describe('looking for what is due', () => {
  let lab: SagaLab;
  beforeAll(async () => {
    lab = await createSagaLab();
    await lab.database.query({
      text: `insert into orders (id, user_id, state, version, total_amount, currency, due_at, expires_at)
        select gen_random_uuid(), gen_random_uuid(), 'reserved', 2, 100, 'EUR', now() + interval '1 hour', now() + interval '1 hour'
        from generate_series(1, 5000)`,
    });
    await lab.database.query({ text: 'analyze orders' });
  });
  afterAll(() => lab.stop());

  it.each([
    ['a step', claim, ['gen_random_uuid()', '10', `'{}'`, 'null'], 'orders_due', 'due_at'],
    ['an end', findExpired, ['10'], 'orders_expiring', 'expires_at'],
  ])('for %s does not look at the orders that wait', async (_what, statement, values, index, column) => {
    const plan = await planOf(lab.ownerUrl, statement, values);
    expect(plan).toMatch(new RegExp(`${index}.*\\n\\s*Index Cond: \\(${column} <=`));
    expect(plan).not.toMatch(/Rows Removed by Filter: [1-9]/);
  });
});

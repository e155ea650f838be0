import { randomUUID } from 'node:crypto';
import { createSagaLab, type SagaLab } from '../testing/saga-lab';
import type { Saga } from './saga';

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

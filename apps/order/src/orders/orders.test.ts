import { randomUUID } from 'node:crypto';
import { type AnswerBody, startTestShop, type TestShop } from '../testing/test-shop';

describe('looking at orders', () => {
  let t: TestShop;
  const user = randomUUID();
  const placed: string[] = [];
  beforeAll(async () => {
    t = await startTestShop();
    const { productId } = t.shop.addProduct('SEEN', 100, 100);
    for (let count = 0; count < 5; count++) placed.unshift((await t.buy(user, productId)).body.id);
    placed.unshift((await t.buy(user, productId, { paymentMethod: 'pm_declined' })).body.orderId);
    await t.buy(randomUUID(), productId);
  });
  afterAll(() => t.stop());

  const idsOf = ({ items }: Pick<AnswerBody, 'items'>) => items.map(({ id }) => id);

  it('lists the own orders, newest first, page by page', async () => {
    const seen: string[] = [];
    let target: string | null = '/api/v1/orders?limit=4';
    for (let pages = 0; target && pages < 5; pages++) {
      const { body } = await t.request(user, 'GET', target);
      seen.push(...idsOf(body));
      target = body.next;
      expect(body.nextCursor).toBe(body.next && new URL(body.next, 'http://shop').searchParams.get('cursor'));
    }
    expect(seen).toEqual(placed);
  });

  it('keeps the filter through the pages', async () => {
    const { body } = await t.request(user, 'GET', '/api/v1/orders?status=confirmed&limit=3');
    const next = await t.request(user, 'GET', body.next ?? '');
    expect([...idsOf(body), ...idsOf(next.body)]).toEqual(placed.slice(1));
    expect(next.body.next).toBeNull();
  });

  it('refuses a cursor that came from nowhere', async () => {
    const { status, body } = await t.request(user, 'GET', '/api/v1/orders?cursor=bm9wZQ');
    expect([status, body.errors[0]?.pointer]).toEqual([422, '/query/cursor']);
  });

  it('shows nobody the orders of another', async () => {
    const stranger = randomUUID();
    expect((await t.request(stranger, 'GET', '/api/v1/orders')).body.items).toEqual([]);
    expect((await t.request(stranger, 'GET', `/api/v1/orders/${placed[0]}`)).status).toBe(404);
    expect((await t.request(stranger, 'GET', '/api/v1/admin/orders')).status).toBe(403);
  });

  it('lets an admin search by user, status and state', async () => {
    const search = async (query: string) =>
      (await t.request(randomUUID(), 'GET', `/api/v1/admin/orders?${query}`, { admin: true })).body;
    expect(idsOf(await search(`userId=${user}`))).toEqual(placed);
    const rejected = await search(`userId=${user}&status=rejected`);
    expect(rejected.items).toMatchObject([{ id: placed[0], userId: user, dueAt: null }]);
    expect(idsOf(await search(`userId=${user}&status=rejected&state=confirmed`))).toEqual([]);
    expect((await search('limit=100')).items).toHaveLength(placed.length + 1);
  });

  it('hands profile what it holds about a person, and nobody else', async () => {
    const target = `${t.order.origin}/internal/users/${user}/export`;
    const response = await fetch(target, { headers: await t.order.asService('profile') });
    expect(idsOf((await response.json()) as never)).toEqual(placed);
    expect((await fetch(target, { headers: await t.order.asService('search') })).status).toBe(403);
  });
});

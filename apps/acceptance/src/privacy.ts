import { eventually } from '@bulkhead/testing/eventually';
import { securedRoutes } from './authentication';
import { buy, type Person, plentifulProduct, register, type ShopClient } from './client';

/** What one person must never see or touch of another's. */
export function describePrivacy(shop: () => ShopClient): void {
  describe('another person', () => {
    let ada: Person;
    let eve: Person;
    let own: Record<string, string>;

    beforeAll(async () => {
      [ada, eve] = [await register(shop()), await register(shop())];
      const product = await plentifulProduct(shop());
      const bought = await buy(shop(), ada, { productId: product.productId });
      const address = await eventually(async () => {
        const response = await shop().call('/api/v1/me/addresses', {
          method: 'POST',
          token: ada.token,
          json: {
            recipient: 'Augusta Ada King',
            line1: '12 Analytical Way',
            line2: 'Engine House',
            postalCode: 'SW1Y 4JH',
            city: 'Marylebone',
            country: 'GB',
          },
        });
        expect(response.status).toBe(201);
        return response.body as { id: string };
      });
      const inbox = await eventually(async () => {
        const { body } = await shop().call('/api/v1/notifications', { token: ada.token });
        expect(body.items.length).toBeGreaterThan(0);
        return body.items as { id: string }[];
      });
      const sessions = await shop().call('/api/v1/auth/sessions', { token: ada.token });
      const list = (sessions.body.items ?? sessions.body.sessions) as { id: string }[];
      own = {
        orderId: bought.body.id as string,
        addressId: address.id,
        notificationId: inbox[0]!.id,
        sessionId: list[0]!.id,
      };
    }, 60_000);

    it('cannot see or touch anything of mine, on any route that there is', async () => {
      const routes = (await securedRoutes(shop())).filter(
        ({ role, parameters }) => !role && parameters.length > 0,
      );
      expect(routes.length).toBeGreaterThanOrEqual(7);
      for (const { method, path, parameters } of routes) {
        for (const name of parameters)
          expect({ path, known: Object.keys(own) }).toEqual({ path, known: expect.arrayContaining([name]) });
        const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => own[name]!);
        const json =
          method === 'PUT' || method === 'PATCH'
            ? { recipient: 'Eve', line1: '1', postalCode: '1', city: 'X', country: 'GB' }
            : undefined;
        const response = await shop().call(target, { method, token: eve.token, ...(json ? { json } : {}) });
        expect({ method, path, status: response.status }).toEqual({ method, path, status: 404 });
      }
      const { body } = await shop().call(`/api/v1/orders/${own['orderId']}`, { token: ada.token });
      expect(body.status).toBe('confirmed');
    });

    it('finds nothing of mine in what is theirs, on any route that there is', async () => {
      const lists = (await securedRoutes(shop())).filter(
        ({ method, role, parameters, stream }) =>
          method === 'GET' && !role && !stream && parameters.length === 0,
      );
      expect(lists.length).toBeGreaterThanOrEqual(6);
      for (const { path } of lists) {
        const { text } = await shop().call(path, { token: eve.token });
        for (const id of Object.values(own)) expect(text).not.toContain(id);
        expect(text).not.toContain(ada.email);
      }
    });
  });

  describe('a person who asks to be forgotten', () => {
    it('is, by every service, and cannot sign in again', async () => {
      const ada = await register(shop());
      const product = await plentifulProduct(shop());
      expect((await buy(shop(), ada, { productId: product.productId })).status).toBe(201);
      await eventually(async () =>
        expect((await shop().call('/api/v1/me', { token: ada.token })).status).toBe(200),
      );
      const asked = await shop().call('/api/v1/me', { method: 'DELETE', token: ada.token });
      expect(asked.status).toBe(202);
      await eventually(
        async () => {
          const { body } = await shop().call('/api/v1/me/erasure', { token: ada.token });
          expect(body.completedAt).toEqual(expect.any(String));
        },
        { timeoutMs: 30_000 },
      );
      const login = await shop().call('/api/v1/auth/login', {
        method: 'POST',
        json: { email: ada.email, password: ada.password },
      });
      expect(login.status).toBe(401);
    }, 60_000);
  });
}

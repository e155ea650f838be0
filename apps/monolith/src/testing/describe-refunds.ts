import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import {
  buy,
  type Call,
  type Person,
  plentifulProduct,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { eventually } from '@bulkhead/testing/eventually';
import { adminEmail } from '../local/environment';
import { readPlaces } from '../local/places';
import { caughtMails } from './caught-mails';

/** The parts of a response that these tests read, of the shop or of its provider. */
interface Seen {
  readonly id: string;
  readonly status: string;
  readonly available: number;
  readonly tokens: { readonly accessToken: string };
  readonly orderId: string;
  readonly kind: string;
  readonly items: readonly Seen[];
  readonly refunds: readonly Seen[];
}

interface Options {
  readonly client: () => ShopClient;
  /** Of the shop, which has its own simulated provider and mailbox. */
  readonly dataDir: () => string;
}

/** Refunds that the buyer did not request, or that the provider did not respond to. */
export function describeRefunds({ client, dataDir }: Options): void {
  describe('money that moves', () => {
    let provider: string;
    let mailbox: string;
    let staff: string;
    let buyer: Person;
    let product: Awaited<ReturnType<typeof plentifulProduct>>;
    beforeAll(async () => {
      const places = await readPlaces(dataDir());
      provider = places.providerUrl!;
      mailbox = places.mailbox!;
      const { adminPassword } = JSON.parse(await readFile(path.join(dataDir(), 'secrets.json'), 'utf8')) as {
        adminPassword: string;
      };
      const login = { method: 'POST', json: { email: adminEmail, password: adminPassword } };
      staff = (await ask('/api/v1/auth/login', login)).tokens.accessToken;
      buyer = await register(client());
      product = await eventually(() => plentifulProduct(client()));
    }, 60_000);

    const ask = async (target: string, call?: Call) => (await client().call(target, call)).body as Seen;
    const order = (id: string) => ask(`/api/v1/orders/${id}`, { token: buyer.token });
    const stock = async () => (await ask(`/api/v1/stock/${product.sku}`)).available;
    const paymentOf = async (orderId: string) =>
      (await ask(`/api/v1/payments?orderId=${orderId}`, { token: staff })).items[0] as Seen;
    const refund = async (orderId: string, amount: number) => {
      const { id } = await paymentOf(orderId);
      const response = await client().call(`/api/v1/payments/${id}/refunds`, {
        method: 'POST',
        token: staff,
        headers: { 'idempotency-key': randomUUID() },
        json: { amount: { amount, currency: product.price.currency } },
      });
      expect(response.status).toBe(201);
    };
    const toldOf = async (orderId: string, kind: string): Promise<number> => {
      const { items } = await ask('/api/v1/notifications?limit=100', { token: buyer.token });
      return items.filter((each) => each.orderId === orderId && each.kind === kind).length;
    };
    const mailsOf = async (orderId: string, subject: string): Promise<number> => {
      const number = orderId.slice(-8).toUpperCase();
      const mails = await caughtMails(mailbox);
      return mails.filter((mail) => mail.includes(`${subject} ${number}`)).length;
    };
    const atProvider = async (orderId: string): Promise<Seen> => {
      const response = await fetch(`${provider}/charges?orderId=${orderId}`);
      return ((await response.json()) as Seen).items[0] as Seen;
    };
    const askProvider = async (method: string, route: string, body: object) => {
      const headers = { 'idempotency-key': randomUUID() };
      const response = await fetch(`${provider}${route}`, { method, headers, body: JSON.stringify(body) });
      expect(response.ok).toBe(true);
    };
    const bought = async () =>
      ((await buy(client(), buyer, { productId: product.productId })).body as Seen).id;

    it('when staff give it back in steps is shown on the order and told once a step; the goods stay sold', async () => {
      const orderId = await bought();
      const { amount } = product.price;
      const before = await stock();
      await refund(orderId, 1);
      await eventually(async () => expect(await order(orderId)).toMatchObject({ refunded: { amount: 1 } }));
      await refund(orderId, amount - 1);
      await eventually(async () => {
        expect(await order(orderId)).toMatchObject({ status: 'confirmed', refunded: { amount } });
        expect(await toldOf(orderId, 'refund-paid')).toBe(2);
        expect(await mailsOf(orderId, 'A refund for your order')).toBe(2);
      });
      expect(await stock()).toBe(before);
    });

    it('when somebody gives it back at the provider is shown and told, and so it is when it comes back', async () => {
      const orderId = await bought();
      const { id } = await atProvider(orderId);
      await askProvider('POST', `/charges/${id}/refunds`, { amount: 2 });
      await eventually(async () => {
        expect(await order(orderId)).toMatchObject({ refunded: { amount: 2 } });
        expect(await toldOf(orderId, 'refund-paid')).toBe(1);
      });
      const [made] = (await atProvider(orderId)).refunds;
      await askProvider('PUT', `/refunds/${made?.id}`, { status: 'failed' });
      await eventually(async () => {
        expect(await order(orderId)).toMatchObject({
          refunded: { amount: 0 },
          refunds: [{ status: 'failed' }],
        });
        expect(await toldOf(orderId, 'refund-failed')).toBe(1);
        expect(await paymentOf(orderId)).toMatchObject({ status: 'captured', attention: 'refund-failed' });
      });
      // Acknowledged, so that the shop is at rest.
      const { id: paymentId } = await paymentOf(orderId);
      await client().call(`/api/v1/payments/${paymentId}/acknowledge`, { method: 'POST', token: staff });
    });

    it('at a provider that acts and never answers confirms the order as soon as its webhooks tell', async () => {
      await askProvider('PUT', '/control', { timeoutShare: 1 });
      try {
        const orderId = await bought();
        // A call to the provider times out after 20 s, so nothing has waited for that.
        await eventually(
          async () => {
            expect((await order(orderId)).status).toBe('confirmed');
            expect(await toldOf(orderId, 'order-confirmed')).toBe(1);
          },
          { timeoutMs: 8_000 },
        );
      } finally {
        await askProvider('PUT', '/control', {});
      }
    }, 15_000);
  });
}

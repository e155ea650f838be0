import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import {
  type Answer,
  buy,
  type Call,
  type Person,
  plentifulProduct,
  type PlentifulProduct,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { signWebhook } from '@bulkhead/app/payment/src/providers/webhook-signature';
import { adminEmail } from '../local/environment';
import { readPlaces } from '../local/places';

/** The parts of a response that these tests read. */
interface Seen {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
  readonly openapi: string;
  readonly tokens: { readonly accessToken: string };
  readonly items: readonly Seen[];
}

interface Options {
  readonly client: () => ShopClient;
  /** Of the shop, which has its own simulated provider. */
  readonly dataDir: () => string;
}

/** More than one person may have open concurrently. */
const manyStreams = 8;

/** Unusual but possible client requests to a running shop: to its entry point and to the service behind it. */
export function describeHttpEdges({ client, dataDir }: Options): void {
  describe('HTTP at its edges', () => {
    let secrets: { readonly adminPassword: string; readonly webhookSecret: string };
    let staff: string;
    let ada: Person;
    let product: PlentifulProduct;
    beforeAll(async () => {
      secrets = JSON.parse(await readFile(path.join(dataDir(), 'secrets.json'), 'utf8')) as typeof secrets;
      const json = { email: adminEmail, password: secrets.adminPassword };
      staff = (await call('/api/v1/auth/login', { method: 'POST', json })).body.tokens.accessToken;
      ada = await register(client());
      product = await plentifulProduct(client());
    }, 60_000);

    const seen = (response: Answer) => ({ ...response, body: response.body as Seen });
    const call = async (target: string, how?: Call) => seen(await client().call(target, how));
    const bought = async () => seen(await buy(client(), ada, { productId: product.productId })).body.id;

    /** Everything received on a connection that sends these bytes and, if `half`, closes its sending side. */
    const bytes = async (text: string, half = false): Promise<string> => {
      let received = '';
      const socket = connect(Number(new URL(client().origin).port), '127.0.0.1', () =>
        half ? socket.end(text) : socket.write(text),
      );
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      await once(socket, 'close');
      return received;
    };
    const get = (target: string, ...headers: string[]) =>
      [`GET ${target} HTTP/1.1`, 'host: shop', ...headers, '', ''].join('\r\n');

    it('two hosts are none', async () => {
      const response = await bytes(get('/api/v1/categories', 'host: other', 'connection: close'));
      expect(response).toMatch(/^HTTP\/1\.1 400 [\s\S]*urn:bulkhead:problem:malformed-request/);
    });

    it('a client that closes its side after its request is answered', async () => {
      expect(await bytes(get('/api/v1/categories'), true)).toMatch(/HTTP\/1\.1 200 /);
      expect(await bytes(get('/api/v1/me', `authorization: Bearer ${ada.token}`), true)).toMatch(
        /HTTP\/1\.1 200 [\s\S]*@people\.example/,
      );
    });

    it('HEAD of a stream is answered, without a body, and takes none of the places', async () => {
      const orderId = await bought();
      for (const target of ['/api/v1/notifications/stream', `/api/v1/orders/${orderId}/events`]) {
        for (let times = 0; times < manyStreams; times++) {
          const { status, text } = await call(target, { method: 'HEAD', token: ada.token });
          expect({ target, times, status, text }).toEqual({ target, times, status: 200, text: '' });
        }
        const headers = { authorization: `Bearer ${ada.token}` };
        const stream = await fetch(client().origin + target, { headers });
        expect(stream.status).toBe(200);
        expect(stream.headers.get('content-type')).toContain('text/event-stream');
        await stream.body!.cancel();
      }
    });

    it('OPTIONS of a document says what it has, as that of a route does, and anything else is refused', async () => {
      const ask = async (method: string, target: string) => {
        const { status, headers } = await call(target, { method });
        return [status, headers.get('allow')];
      };
      expect(await ask('OPTIONS', '/api/v1/openapi.json')).toEqual([204, 'GET, HEAD, OPTIONS']);
      expect(await ask('OPTIONS', '/api/v1/categories')).toEqual([204, 'GET, HEAD, OPTIONS']);
      expect(await ask('POST', '/api/v1/openapi.json')).toEqual([405, 'GET, HEAD, OPTIONS']);
    });

    it('a document comes compressed to whoever takes that', async () => {
      const headers = { 'accept-encoding': 'gzip' };
      const { status, headers: answered, body } = await call('/api/v1/openapi.json', { headers });
      expect([status, answered.get('content-encoding')]).toEqual([200, 'gzip']);
      expect(body.openapi).toBe('3.1.0');
    });

    it('a slash too many is not found, and is told what addresses look like', async () => {
      for (const target of ['/api/v1/products/', '/api/v1/openapi.json/']) {
        const { status, body } = await call(target);
        expect(status).toBe(404);
        expect(body.detail).toContain('do not end with a slash');
      }
    });

    it('If-Match means one thing to profiles, products and stock', async () => {
      const { body } = await call(`/api/v1/products/${product.productId}`);
      const { sku, slug, name, description, category, price } = body as unknown as Record<string, unknown>;
      const places = [
        { target: '/api/v1/me', method: 'PATCH', token: ada.token, json: { name: 'Ada' } },
        {
          target: `/api/v1/products/${product.productId}`,
          method: 'PUT',
          token: staff,
          json: { sku, slug, name, description, category, price },
        },
        { target: `/api/v1/stock/${product.sku}`, method: 'PUT', token: staff, json: { onHand: 1_000 } },
      ];
      for (const { target, ...change } of places) {
        const etag = (await call(target, { token: change.token })).headers.get('etag')!;
        const send = async (ifMatch?: string) => {
          const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
          return (await call(target, { ...change, headers })).status;
        };
        const weak = etag.startsWith('W/') ? etag : `W/${etag}`;
        expect({
          target,
          weak: await send(weak),
          foreign: await send('"x"'),
          others: await send('"998", "999"'),
          unreadable: await send('998'),
          among: await send(`"999", ${etag}`),
          past: await send(etag),
        }).toEqual({ target, weak: 412, foreign: 412, others: 412, unreadable: 422, among: 200, past: 412 });
      }
    });

    it('a webhook that claims more than was to be paid is taken, not believed, and shown to staff', async () => {
      const orderId = await bought();
      const { providerUrl } = await readPlaces(dataDir());
      const { items } = (await (await fetch(`${providerUrl}/charges?orderId=${orderId}`)).json()) as {
        items: { amount: number }[];
      };
      const charge = { ...items[0]!, captured: items[0]!.amount + 1 };
      const raw = JSON.stringify({ id: `evt_${randomUUID()}`, charge });
      const signature = signWebhook(raw, secrets.webhookSecret, Date.now());
      const { status } = await call('/api/v1/payments/webhooks/simulated', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'webhook-signature': signature },
        raw,
      });
      expect(status).toBe(200);
      const [payment] = (await call(`/api/v1/payments?orderId=${orderId}`, { token: staff })).body.items;
      expect(payment).toMatchObject({ status: 'captured', attention: 'contradicted' });
      // Acknowledged, so that the shop is at rest.
      const acknowledge = `/api/v1/payments/${payment!.id}/acknowledge`;
      expect((await call(acknowledge, { method: 'POST', token: staff })).status).toBe(200);
    });

    it('the last admin is not erased', async () => {
      const { status, body } = await call('/api/v1/me', { method: 'DELETE', token: staff });
      expect([status, body.detail]).toEqual([
        409,
        'The shop must keep at least one administrator. Grant the role to another account first.',
      ]);
      expect((await call('/api/v1/auth/users?limit=1', { token: staff })).status).toBe(200);
    });
  });
}

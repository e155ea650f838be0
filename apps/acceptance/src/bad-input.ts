import { connect } from 'node:net';
import { eventually } from '@bulkhead/testing/eventually';
import { buy, type Call, type Person, plentifulProduct, register, type ShopClient } from './client';

/** What nobody should send, and somebody will. */
export function describeBadInput(shop: () => ShopClient): void {
  describe('bad input', () => {
    let ada: Person;
    let productId: string;

    beforeAll(async () => {
      ada = await register(shop());
      ({ productId } = await plentifulProduct(shop()));
    });

    const order = (call: Call) =>
      shop().call('/api/v1/orders', {
        method: 'POST',
        token: ada.token,
        ...call,
        headers: { 'idempotency-key': 'bad-input', 'content-type': 'application/json', ...call.headers },
      });
    const body = (change: object) => ({
      items: [{ productId, quantity: 1 }],
      paymentMethod: 'pm_ok',
      ...change,
    });

    const refused: [what: string, call: () => Call, status: number, pointer?: string][] = [
      ['no JSON', () => ({ raw: '{"items":' }), 400],
      ['no UTF-8', () => ({ raw: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) }), 400],
      ['nothing', () => ({}), 422],
      ['two documents', () => ({ raw: '{}{}' }), 400],
      ['UTF-16', () => ({ raw: new Uint8Array(Buffer.from(JSON.stringify(body({})), 'utf16le')) }), 400],
      [
        'another character set',
        () => ({ json: body({}), headers: { 'content-type': 'application/json; charset=utf-16' } }),
        415,
      ],
      ['another content type', () => ({ raw: 'a=b', headers: { 'content-type': 'text/plain' } }), 415],
      ['a compressed body', () => ({ raw: '{}', headers: { 'content-encoding': 'gzip' } }), 415],
      ['200 KiB', () => ({ raw: JSON.stringify({ items: 'x'.repeat(200_000) }) }), 413],
      ['nesting without end', () => ({ raw: '['.repeat(40_000) + ']'.repeat(40_000) }), 422],
      [
        'a quantity of zero',
        () => ({ json: body({ items: [{ productId, quantity: 0 }] }) }),
        422,
        '/body/items/0/quantity',
      ],
      [
        'a negative quantity',
        () => ({ json: body({ items: [{ productId, quantity: -1 }] }) }),
        422,
        '/body/items/0/quantity',
      ],
      [
        'a quantity of 1e308',
        () => ({ raw: JSON.stringify(body({})).replace('"quantity":1', '"quantity":1e308') }),
        422,
      ],
      [
        'a quantity beyond 2^53',
        () => ({ json: body({ items: [{ productId, quantity: 9007199254740993 }] }) }),
        422,
      ],
      ...['-0', '2147483648', '1e400', '-1e400', 'null', 'true', '[1]'].map(
        (quantity): (typeof refused)[number] => [
          `a quantity of ${quantity}`,
          () => ({ raw: JSON.stringify(body({})).replace('"quantity":1', `"quantity":${quantity}`) }),
          422,
          '/body/items/0/quantity',
        ],
      ),
      ['half a piece', () => ({ json: body({ items: [{ productId, quantity: 0.5 }] }) }), 422],
      ['a quantity in words', () => ({ json: body({ items: [{ productId, quantity: '1' }] }) }), 422],
      ['no items', () => ({ json: body({ items: [] }) }), 422, '/body/items'],
      ['51 items', () => ({ json: body({ items: Array(51).fill({ productId, quantity: 1 }) }) }), 422],
      [
        'one product twice',
        () => ({ json: body({ items: Array(2).fill({ productId, quantity: 1 }) }) }),
        422,
      ],
      [
        'an id that is none',
        () => ({ json: body({ items: [{ productId: "'; drop table", quantity: 1 }] }) }),
        422,
        '/body/items/0/productId',
      ],
      [
        'the number of a card',
        () => ({ json: body({ paymentMethod: '4242424242424242' }) }),
        422,
        '/body/paymentMethod',
      ],
      ['an unknown field', () => ({ json: body({ discount: 100 }) }), 422, '/body/discount'],
      ['NUL in a text', () => ({ json: body({ paymentMethod: 'pm\u0000ok' }) }), 422],
      ['a lone surrogate', () => ({ raw: JSON.stringify(body({})).replace('pm_ok', '\\ud800') }), 422],
      ...['__proto__', 'constructor', 'toString', ''].map((key): (typeof refused)[number] => [
        `a field named "${key}"`,
        () => ({ raw: JSON.stringify(body({})).replace('{', `{"${key}":{"admin":true},`) }),
        422,
        `/body/${key}`,
      ]),
      [
        'a prototype in an item',
        () => ({ raw: JSON.stringify(body({})).replace('[{', '[{"__proto__":{"price":1},') }),
        422,
        '/body/items/0/__proto__',
      ],
      [
        'an empty key',
        () => ({ json: body({}), headers: { 'idempotency-key': '' } }),
        422,
        '/headers/idempotency-key',
      ],
      [
        'a key of 300 characters',
        () => ({ json: body({}), headers: { 'idempotency-key': 'k'.repeat(300) } }),
        422,
      ],
      [
        'two keys',
        () => ({ json: body({}), headers: { 'idempotency-key': 'one, two' } }),
        422,
        '/headers/idempotency-key',
      ],
    ];
    it.each(refused.map(([what, call, status, pointer]) => ({ what, call, status, pointer })))(
      '$what is refused with a problem',
      async ({ call, status, pointer }) => {
        const response = await order(call());
        expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
          status,
          type: 'application/problem+json',
        });
        expect(response.body).toMatchObject({
          status,
          type: expect.stringContaining('urn:bulkhead:problem:'),
        });
        if (pointer)
          expect(response.body.errors.map((each: { pointer: string }) => each.pointer)).toContain(pointer);
        expect(response.text).not.toMatch(/node_modules|\.ts:|\.js:|at [A-Z]\w+\./);
      },
    );

    it.each([
      ['/api/v1/products?limit=0', 422],
      ['/api/v1/products?limit=1000000', 422],
      ['/api/v1/products?limit=1&limit=2', 422],
      ['/api/v1/products?limit=', 422],
      ['/api/v1/products?limit=0x10', 422],
      ['/api/v1/search?maxPrice=', 422],
      ['/api/v1/search?maxPrice=%205', 422],
      ['/api/v1/search?currency=XXX', 422],
      ['/api/v1/products?cursor=%00', 422],
      ['/api/v1/products?cursor=bm90IGEgY3Vyc29y', 422],
      ['/api/v1/products?surprise=1', 422],
      ['/api/v1/search?q=%ff', 400],
      ['/api/v1/search?sort=sideways', 422],
      ['/api/v1/search?minPrice=-1', 422],
      ['/api/v1/stock/no%20sku', 422],
      ['/api/v1/orders/not-an-id', 401],
      ['/api/v1/nothing', 404],
      ['/api/v1/products/', 404],
    ])('%s is answered with %s', async (path, status) => {
      expect((await shop().call(path)).status).toBe(status);
    });

    it('as headers of 100 KiB is refused', async () => {
      const response = await shop().call('/api/v1/products', { headers: { 'x-large': 'x'.repeat(100_000) } });
      expect(response.status).toBe(431);
    });

    it('leaves no order behind', async () => {
      const { body: list } = await shop().call('/api/v1/orders', { token: ada.token });
      expect(list.items).toEqual([]);
      const bought = await buy(shop(), ada, { productId });
      expect([201, 202]).toContain(bought.status);
      await eventually(async () => {
        const { body } = await shop().call('/api/v1/orders', { token: ada.token });
        const orders = body.items.map(({ id, status }: { id: string; status: string }) => ({ id, status }));
        expect(orders).toEqual([{ id: bought.body.id, status: 'confirmed' }]);
      });
    });

    it('that is no HTTP ends the connection and nothing else', async () => {
      const { hostname, port } = new URL(shop().origin);
      const closed = await new Promise<string>((resolve) => {
        let received = '';
        const socket = connect(Number(port || 80), hostname, () =>
          socket.write('\x16\x03\x01 this is not HTTP\r\n\r\n'),
        );
        socket.on('data', (chunk) => (received += chunk.toString()));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(received));
      });
      expect(closed).toContain('400');
      expect((await shop().call('/api/v1/categories')).status).toBe(200);
    });
  });

  describe('every answer', () => {
    it('carries an id, and headers that keep browsers from guessing', async () => {
      for (const path of ['/api/v1/products', '/api/v1/nothing', '/api/v1/orders', '/api/v1/openapi.json']) {
        const { headers } = await shop().call(path);
        expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(headers.get('strict-transport-security')).toContain('max-age');
        expect(headers.get('x-powered-by')).toBeNull();
      }
    });
  });
}

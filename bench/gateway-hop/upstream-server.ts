import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { announce } from '../processes';

const order = Buffer.from(
  JSON.stringify({
    id: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a',
    status: 'confirmed',
    items: [
      { sku: 'MUG-BLUE-01', name: 'Blue mug', quantity: 2, unitPrice: { amount: 1999, currency: 'EUR' } },
    ],
    total: { amount: 3998, currency: 'EUR' },
  }),
);

/** What stands behind both gateways: as little work as an HTTP answer can be. */
export async function serveUpstream(): Promise<void> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': order.length });
    response.end(order);
  });
  server.listen(0, '127.0.0.1', () =>
    announce({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
}

import type { IncomingMessage } from 'node:http';
import { createCors } from './cors';

const from = (origin?: string) => ({ headers: origin === undefined ? {} : { origin } }) as IncomingMessage;
const shop = 'https://shop.example';

it('names the origin of a page that may read the response, and lets other origins load it', () => {
  expect(createCors(`https://other.example,${shop}`).headersFor(from(shop))).toMatchObject({
    'access-control-allow-origin': shop,
    'cross-origin-resource-policy': 'cross-origin',
    'access-control-expose-headers': expect.stringContaining('etag'),
    vary: 'Origin',
  });
});

it.each([undefined, 'https://evil.example', 'https://shop.example.evil.example', 'null'])(
  'tells caches that the response to another origin is another one: %s',
  (origin) => {
    const headers = createCors(shop).headersFor(from(origin));
    expect(headers).toMatchObject({ vary: 'Origin' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('cross-origin-resource-policy');
  },
);

it('lets every origin read where all may', () => {
  const headers = createCors('*').headersFor(from(shop));
  expect(headers).toMatchObject({ 'access-control-allow-origin': '*' });
  expect(headers).not.toHaveProperty('vary');
});

it('answers a preflight with the methods of the path', () => {
  expect(createCors(shop).preflight(from(shop), ['GET', 'PATCH'])).toMatchObject({
    'access-control-allow-origin': shop,
    'access-control-allow-methods': 'GET,PATCH',
    // A page that traces its requests sends the last ones (W3C Trace Context, Baggage).
    'access-control-allow-headers': expect.stringMatching(/idempotency-key.*traceparent,tracestate/),
    'access-control-max-age': '7200',
  });
});

it('sets nothing where no origin is configured', () => {
  const none = createCors(undefined);
  expect([none.headersFor(from(shop)), none.preflight(from(shop), ['GET'])]).toEqual([{}, {}]);
});

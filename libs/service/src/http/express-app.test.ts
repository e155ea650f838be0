import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { pathsOf } from './express-app';

const route = (method: 'get' | 'put', path: `/${string}`) => ({
  endpoint: defineEndpoint({
    tag: 'test',
    summary: 'test',
    priority: 'buy',
    operationId: `${method} ${path}`,
    method,
    path,
    access: { kind: 'public' },
    responses: { 204: { description: 'ok' } },
  }),
});

it('a literal path comes before one with a parameter in its place, wherever it was declared', () => {
  const routes = [
    route('get', '/orders/{orderId}'),
    route('get', '/items'),
    route('put', '/orders/{orderId}'),
    route('get', '/orders/{orderId}/lines/first'),
    route('get', '/orders/export'),
    route('get', '/{anything}'),
  ];
  expect(pathsOf(routes).map(({ path, methods }) => [path, ...methods])).toEqual([
    ['/items', 'GET', 'HEAD'],
    ['/orders/export', 'GET', 'HEAD'],
    ['/orders/:orderId', 'GET', 'HEAD', 'PUT'],
    ['/orders/:orderId/lines/first', 'GET', 'HEAD'],
    ['/:anything', 'GET', 'HEAD'],
  ]);
});

it('two endpoints for one method of a path are a mistake that is found at the start', () => {
  expect(() => pathsOf([route('get', '/orders'), route('get', '/orders')])).toThrow(
    'two endpoints answer GET /orders',
  );
});

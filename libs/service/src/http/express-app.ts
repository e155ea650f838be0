import type { Endpoint } from '@bulkhead/contracts/endpoint';
import express, { type Express } from 'express';

/** An Express app with our common settings. */
export function createExpressApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  // Otherwise Express hashes every body for an ETag; services with versions send their own.
  app.set('etag', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');
  return app;
}

/** Endpoints that share a path, which is one route in Express. */
export interface PathOf<R> {
  /** In Express's syntax: `/orders/:orderId`. */
  readonly path: string;
  /** Upper case, including HEAD, which Express serves by GET. */
  readonly methods: readonly string[];
  readonly here: readonly R[];
}

/**
 * Groups endpoints by path, in the order in which Express has to try them: it takes the first match, so
 * `/orders/export` must come before `/orders/:orderId`.
 * @throws Error when two endpoints have the same method and path, since Express would never reach the second
 */
export function pathsOf<R extends { readonly endpoint: Endpoint }>(routes: readonly R[]): PathOf<R>[] {
  const byPath = new Map<string, R[]>();
  for (const route of routes) {
    const { method, path } = route.endpoint;
    const here = byPath.get(expressPath(path)) ?? [];
    if (here.some(({ endpoint }) => endpoint.method === method))
      throw new Error(`two endpoints answer ${method.toUpperCase()} ${path}`);
    byPath.set(expressPath(path), [...here, route]);
  }
  return [...byPath]
    .sort(([one], [other]) => (sortKey(one) < sortKey(other) ? -1 : 1))
    .map(([path, here]) => ({
      path,
      here,
      methods: here.flatMap(({ endpoint: { method } }) =>
        method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
      ),
    }));
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** Sorts a parameter after any literal segment. */
const sortKey = (path: string): string => path.replaceAll(/:\w+/g, '\uffff');

import type { Endpoint } from '@bulkhead/contracts/endpoint';
import express, { type Express } from 'express';

/** An Express app with the settings that all of ours share. */
export function createExpressApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  // Express hashes every body for an ETag otherwise; services that have versions send their own.
  app.set('etag', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');
  return app;
}

/** Endpoints that share a path, which Express knows as one route. */
export interface PathOf<R> {
  /** As Express writes it: `/orders/:orderId`. */
  readonly path: string;
  /** Upper case, with the HEAD that Express answers by GET. */
  readonly methods: readonly string[];
  readonly here: readonly R[];
}

/**
 * Groups endpoints by path, in the order in which Express shall try them: it takes the first route that matches, so
 * `/orders/export` has to come before `/orders/:orderId`.
 * @throws Error when two endpoints have the same method and path, of which Express would never reach the second
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

/** Sorts a parameter behind whatever else can stand in its place. */
const sortKey = (path: string): string => path.replaceAll(/:\w+/g, '\uffff');

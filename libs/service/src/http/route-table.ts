import type { Endpoint } from '@bulkhead/contracts/endpoint';

/** Routes by path and method; what a route is besides its endpoint is its owner's affair. */
export interface RouteTable<R> {
  /** The methods that a path has, or undefined where there is nothing. */
  find(segments: readonly string[]): ReadonlyMap<string, R> | undefined;
}

interface Node<R> {
  readonly literals: Map<string, Node<R>>;
  parameter?: Node<R>;
  readonly methods: Map<string, R>;
}

const node = <R>(): Node<R> => ({ literals: new Map(), methods: new Map() });

/**
 * A tree of path segments, literal before parameter: one look-up a segment, however many routes there are.
 * @throws Error when two routes answer the same method of a path
 */
export function createRouteTable<R extends { readonly endpoint: Endpoint }>(
  routes: readonly R[],
): RouteTable<R> {
  const root = node<R>();
  for (const route of routes) {
    let at = root;
    for (const segment of route.endpoint.path.split('/').slice(1))
      if (segment.startsWith('{')) at = at.parameter ??= node();
      else {
        const next = at.literals.get(segment) ?? node();
        at.literals.set(segment, next);
        at = next;
      }
    const method = route.endpoint.method.toUpperCase();
    if (at.methods.has(method)) throw new Error(`two endpoints answer ${method} ${route.endpoint.path}`);
    at.methods.set(method, route);
    if (method === 'GET') at.methods.set('HEAD', route);
  }
  return {
    find(segments) {
      const found = search(root, segments, 0);
      return found && found.methods.size > 0 ? found.methods : undefined;
    },
  };
}

function search<R>(at: Node<R>, segments: readonly string[], depth: number): Node<R> | undefined {
  const segment = segments[depth];
  if (segment === undefined) return at;
  const literal = at.literals.get(segment);
  const found = literal && search(literal, segments, depth + 1);
  if (found && found.methods.size > 0) return found;
  return at.parameter && search(at.parameter, segments, depth + 1);
}

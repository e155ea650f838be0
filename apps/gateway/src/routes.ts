import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';

/** A public endpoint and the service that answers it. */
export interface Route {
  readonly service: ServiceName;
  readonly endpoint: Endpoint;
}

export interface RouteTable {
  /** The methods that a path has, or undefined where there is nothing. */
  find(segments: readonly string[]): ReadonlyMap<string, Route> | undefined;
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter?: Node;
  readonly methods: Map<string, Route>;
}

const node = (): Node => ({ literals: new Map(), methods: new Map() });

/** A tree of path segments, literal before parameter: one look-up a segment, however many routes there are. */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const root = node();
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

function search(at: Node, segments: readonly string[], depth: number): Node | undefined {
  const segment = segments[depth];
  if (segment === undefined) return at;
  const literal = at.literals.get(segment);
  const found = literal && search(literal, segments, depth + 1);
  if (found && found.methods.size > 0) return found;
  return at.parameter && search(at.parameter, segments, depth + 1);
}

import type { IncomingMessage } from 'node:http';
import type { Ids } from '../ids';

export const requestIdHeader = 'x-request-id';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The caller's request id, or a new one, which is added to the request's headers. */
export function requestIdOf(request: IncomingMessage, ids: Ids): string {
  const given = request.headers[requestIdHeader];
  if (typeof given === 'string' && uuid.test(given)) return given;
  const made = ids.next();
  request.headers[requestIdHeader] = made;
  return made;
}

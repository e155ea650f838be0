import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceName } from '@bulkhead/contracts/services';
import { CallerGone, PeerUnavailable } from '../errors';
import { type ServiceTokens, serviceTokenHeader } from '../identity/service-identity';
import type { Upstream } from '../service';
import { overrideHeaders } from './response-headers';
import { keepBody } from './read-request';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Passes requests to a service in this process: its app sees the same as behind a socket. */
export function createInProcessUpstream(
  peer: ServiceName,
  listener: () => Listener | undefined,
  tokens: ServiceTokens,
): Upstream {
  return {
    async forward(request, response, { target, headers, body, responseHeaders, endWhen }) {
      const listen = listener();
      if (!listen) throw new PeerUnavailable(peer, 'not-sent');
      const token = await tokens.tokenFor(peer);
      // Its 'close' was already emitted and will not be emitted again.
      if (response.destroyed) throw new CallerGone();
      if (endWhen?.aborted) throw new PeerUnavailable(peer, 'not-sent');
      request.url = target;
      keepBody(request, body);
      // IncomingMessage computes `headers` lazily from the raw headers; an own property takes precedence.
      Object.defineProperty(request, 'headers', {
        value: { ...headers, [serviceTokenHeader]: token },
        writable: true,
        configurable: true,
      });
      overrideHeaders(response, responseHeaders);
      // Each Express app needs response properties of its own.
      const held = response as ServerResponse & { locals: object | undefined };
      const { locals } = held;
      held.locals = Object.create(null) as object;
      return new Promise<number>((resolve, reject) => {
        const end = () => {
          if (response.headersSent) response.end();
          else reject(new PeerUnavailable(peer, 'unknown'));
        };
        endWhen?.addEventListener('abort', end, { once: true });
        response.once('close', () => {
          endWhen?.removeEventListener('abort', end);
          resolve(response.statusCode);
        });
        listen(request, response);
      }).finally(() => (held.locals = locals));
    },
  };
}

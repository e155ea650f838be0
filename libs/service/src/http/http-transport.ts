import { deadlineHeader } from '@bulkhead/resilience/deadline';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Dispatcher } from 'undici';
import { PeerUnavailable } from '../errors';
import { type ServiceTokens, serviceTokenHeader } from '../identity/service-identity';
import { requestIdHeader } from './request-id';
import type { OutgoingCall, PeerTransport } from './client';
import { wasNotSent } from './peer-pool';

/** Calls a peer over HTTP with this service's identity, the deadline and the request id. */
export function createHttpTransport(
  peer: ServiceName,
  pool: Dispatcher,
  tokens: ServiceTokens,
): PeerTransport {
  return {
    async send(call) {
      const token = await tokens.tokenFor(peer);
      const { context, endpoint } = call;
      let body: string | null = null;
      const headers: Record<string, string> = {
        ...call.headers,
        [serviceTokenHeader]: token,
        [requestIdHeader]: context.requestId,
        accept: 'application/json',
      };
      const timeLeft = context.deadline.toHeader();
      if (timeLeft !== undefined) headers[deadlineHeader] = timeLeft;
      if (context.userToken) headers['authorization'] = `Bearer ${context.userToken}`;
      if (call.body !== undefined) {
        body = JSON.stringify(call.body);
        headers['content-type'] = 'application/json';
      }
      try {
        const response = await pool.request({
          method: endpoint.method.toUpperCase(),
          path: pathOf(call),
          headers,
          body,
          signal: call.signal,
        });
        const text = await response.body.text();
        return {
          status: response.statusCode,
          headers: response.headers as Record<string, string | undefined>,
          body: text === '' ? undefined : parse(peer, text),
        };
      } catch (error) {
        if (error instanceof PeerUnavailable || call.signal.aborted) throw error;
        throw new PeerUnavailable(peer, wasNotSent(error) ? 'not-sent' : 'unknown', { cause: error });
      }
    },
    close: () => pool.destroy(),
  };
}

function pathOf({ endpoint, params, query }: OutgoingCall): string {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const search = new URLSearchParams(query).toString();
  return search ? `${path}?${search}` : path;
}

function parse(peer: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new PeerUnavailable(peer, 'unknown', { cause });
  }
}

import type { ServiceName } from '@bulkhead/contracts/services';
import type { OutgoingCall, PeerTransport } from './client';
import { PeerUnavailable } from '../errors';
import type { Pipeline } from './pipeline';
import { parseQuery } from './read-request';

/**
 * Calls a peer in this process: the same pipeline, with the same deadline, errors and identity, but without the socket.
 * Bodies are passed as JSON, so that nothing is shared that a network would not share.
 *
 * @param pipelines the peer's pipelines by operation id; looked up per call, since services start in any order
 */
export function createInProcessTransport(
  caller: ServiceName,
  peer: ServiceName,
  pipelines: () => ReadonlyMap<string, Pipeline> | undefined,
): PeerTransport {
  return {
    async send(call) {
      const pipeline = pipelines()?.get(call.endpoint.operationId);
      if (!pipeline) throw new PeerUnavailable(peer, 'not-sent');
      const answering = pipeline.answer({
        requestId: call.context.requestId,
        deadline: call.context.deadline,
        caller,
        params: call.params,
        headers: headersOf(call),
        query: () => parseQuery(`?${new URLSearchParams(call.query).toString()}`),
        body: async () => copy(call.body),
        admitted: true,
        gone: call.signal,
      });
      const response = await answering.catch((cause: unknown) => {
        throw new PeerUnavailable(peer, 'unknown', { cause });
      });
      return { status: response.status, headers: response.headers ?? {}, body: copy(response.body) };
    },
    close: async () => undefined,
  };
}

const copy = (value: unknown): unknown =>
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);

function headersOf({ headers, context }: OutgoingCall): Record<string, string> {
  return context.userToken ? { ...headers, authorization: `Bearer ${context.userToken}` } : { ...headers };
}

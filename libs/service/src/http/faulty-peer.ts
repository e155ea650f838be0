import type { ServiceName } from '@bulkhead/contracts/services';
import { type Faults, InjectedFault } from '@bulkhead/resilience/faults';
import { PeerUnavailable } from '../errors';
import type { Upstream } from '../service';
import type { PeerTransport } from './client';

/** Injects faults into calls to `peer`, named `peer.operation`: inside the policies, where a real fault would occur. */
export function withPeerFaults(peer: ServiceName, transport: PeerTransport, faults: Faults): PeerTransport {
  if (!faults.enabled) return transport;
  return {
    ...transport,
    async send(call) {
      const point = { kind: 'peer', name: `${peer}.${call.endpoint.operationId}` } as const;
      try {
        return await faults.around(point, () => transport.send(call), call.signal);
      } catch (error) {
        if (!(error instanceof InjectedFault)) throw error;
        if (error.effect === 'error') return { status: error.status, headers: {}, body: undefined };
        throw new PeerUnavailable(peer, 'unknown', { cause: error });
      }
    },
  };
}

/** The same for proxied requests, named `peer`. Their responses cannot be lost here: they are streamed. */
export function withUpstreamFaults(peer: ServiceName, upstream: Upstream, faults: Faults): Upstream {
  if (!faults.enabled) return upstream;
  return {
    async forward(request, response, options) {
      const gone = new AbortController();
      response.once('close', () => gone.abort(new PeerUnavailable(peer, 'not-sent')));
      const signal =
        options.timeoutMs === undefined
          ? gone.signal
          : AbortSignal.any([gone.signal, AbortSignal.timeout(options.timeoutMs)]);
      try {
        await faults.around({ kind: 'peer', name: peer }, async () => undefined, signal);
      } catch (error) {
        if (error instanceof InjectedFault && !error.breaksConnection) throw error;
        throw error instanceof InjectedFault || error === signal.reason
          ? new PeerUnavailable(peer, 'unknown', { cause: error })
          : error;
      }
      return upstream.forward(request, response, options);
    },
  };
}

import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { paymentInternal } from '@bulkhead/contracts/payment/api';
import type { Endpoints } from '@bulkhead/contracts/endpoint';
import { PeerProblem, PeerUnavailable, ProblemError, toProblemResponse } from '@bulkhead/service/errors';
import type { Client } from '@bulkhead/service/http/client';
import type { Service } from '@bulkhead/service/service';
import { createFakePeers } from './fake-peers';
import type { FakeShop } from './fake-shop';

/** Outcomes of a call over an unreliable network. */
export type Weather =
  | 'fine'
  /** Never arrived. */
  | 'not-sent'
  /** Never arrived, but the caller cannot know. */
  | 'lost'
  /** Arrived and took effect; the response was lost. */
  | 'answer-lost'
  /** The caller gave up; it arrives and takes effect later. */
  | 'late';

export interface Network {
  /** Chooses the outcome of the next call. */
  weather: () => Weather;
  /** Calls that are still under way though their caller has given up. */
  readonly late: (() => Promise<void>)[];
}

/** Clients of the fake peers without sockets, so that a test controls every message. */
export function createDirectClients(shop: FakeShop, network: Network) {
  const peers = createFakePeers(shop);
  const client = <E extends Endpoints>(name: 'inventory' | 'payment', endpoints: E): Client<E> => {
    const { operations } = peers[name].create({} as never) as Service;
    const call =
      (operationId: string) => async (request: { params: { orderId: string }; body?: unknown }) => {
        const operation = operations.find(({ endpoint }) => endpoint.operationId === operationId);
        const act = async () => {
          // Every hop takes an event loop turn or two, so that concurrent calls overlap.
          await new Promise((resolve) => setImmediate(resolve));
          return operation?.handle(request as never, {} as never);
        };
        const weather = network.weather();
        if (weather === 'not-sent') throw new PeerUnavailable(name, 'not-sent');
        if (weather === 'lost') throw new PeerUnavailable(name, 'unknown');
        if (weather === 'late') {
          network.late.push(() =>
            act().then(
              () => undefined,
              () => undefined,
            ),
          );
          throw new PeerUnavailable(name, 'unknown');
        }
        try {
          const response = await act();
          if (weather === 'answer-lost') throw new PeerUnavailable(name, 'unknown');
          return response;
        } catch (error) {
          if (weather === 'answer-lost') throw new PeerUnavailable(name, 'unknown');
          if (!(error instanceof ProblemError)) throw error;
          const { status, body } = toProblemResponse(error, request.params.orderId);
          throw new PeerProblem(name, status, body);
        }
      };
    return Object.fromEntries(
      Object.entries(endpoints).map(([key, { operationId }]) => [key, call(operationId)]),
    ) as unknown as Client<E>;
  };
  return {
    inventory: client('inventory', inventoryInternal),
    payment: client('payment', paymentInternal),
  };
}

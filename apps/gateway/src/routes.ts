import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';

/** A public endpoint and the service that implements it. */
export interface Route {
  readonly service: ServiceName;
  readonly endpoint: Endpoint;
}

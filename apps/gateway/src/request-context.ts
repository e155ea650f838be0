import type { ServerResponse } from 'node:http';
import type { User } from '@bulkhead/service/identity/user-tokens';

/** Results of the steps of a request at the gateway, for later steps. */
export class RequestContext {
  /** Of the client, as returned by clientAddress. */
  readonly address: string;
  /** Headers for any response. */
  readonly headers: Record<string, string> = {};
  /** Of the path, decoded and checked. */
  segments: readonly string[] = [];
  user: User | undefined;

  constructor(address: string) {
    this.address = address;
  }
}

export const requestContextOf = (response: ServerResponse): RequestContext =>
  (response as ServerResponse & { locals: { requestContext: RequestContext } }).locals.requestContext;

import type { ServerResponse } from 'node:http';
import type { User } from '@bulkhead/service/identity/user-tokens';

/** What the steps of a request find out about it at the gateway, and pass on to later steps. */
export class RequestContext {
  /** Of the client, as clientAddress returns it. */
  readonly address: string;
  /** Headers for whatever the response will be. */
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

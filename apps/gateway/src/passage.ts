import type { ServerResponse } from 'node:http';
import type { User } from '@bulkhead/service/identity/user-tokens';

/** What the steps of a request learn on its way through the gateway. */
export class Passage {
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

export const passageOf = (response: ServerResponse): Passage =>
  (response as ServerResponse & { locals: { passage: Passage } }).locals.passage;

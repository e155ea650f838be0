import { type Dispatcher, request } from 'undici';
import type { Ask } from './journeys';
import type { Sample } from './samples';

export interface AskingOptions {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** Ms after which a person gives up. */
  readonly patienceMs: number;
  /** The time of the load, in ms from its start. */
  now(): number;
  /** Gets each request once its response has arrived, or the person has given up. */
  onSample(sample: Sample): void;
}

/**
 * Makes the requests of one person who comes at `begin`, in ms from the start of the load. The first request is due then,
 * each further one when the response before it has arrived; latency counts from the time a request was due.
 */
export function createAsking(options: AskingOptions): (begin: number) => Ask {
  const { origin, dispatcher, patienceMs, now, onSample } = options;
  return (begin) => {
    let due = begin;
    return async (kind, path, init = {}) => {
      const at = due;
      const done = (status: number) => {
        due = now();
        onSample({ kind, at, latencyMs: due - at, status });
      };
      try {
        const { statusCode, body } = await request(`${origin}${path}`, {
          dispatcher,
          method: init.json === undefined ? 'GET' : 'POST',
          headers: {
            ...(init.json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
            ...(init.key === undefined ? {} : { 'idempotency-key': init.key }),
          },
          ...(init.json === undefined ? {} : { body: JSON.stringify(init.json) }),
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await body.text();
        done(statusCode);
        return { status: statusCode, json: () => JSON.parse(text) as unknown };
      } catch {
        done(0);
        return { status: 0, json: () => undefined };
      }
    };
  };
}

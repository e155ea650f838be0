import { Agent, request } from 'undici';
import type { Measurements, Outcome } from './measurements';
import { sleep } from './open-loop';

export interface Call {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface Answer {
  /** 0 where none came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** The shop as its clients reach it. */
export interface Shop {
  /** Sends one request and measures it under that name. @param dueAt when it should have begun */
  call(operation: string, dueAt: number, call: Call): Promise<Answer>;
  /**
   * The same unmeasured, for what comes before and after the run; waits out refusals for want of room.
   * @throws Error when it was not answered with 2xx
   */
  ask<T>(call: Call): Promise<T>;
  close(): Promise<void>;
}

const patienceMs = 30_000;
/** Of what is not measured. */
const attempts = 6;

/** @param connections most at once; waiting for one counts as latency */
export function createShop(origin: string, measurements: Measurements, connections = 512): Shop {
  const dispatcher = new Agent({ connections, pipelining: 1, keepAliveTimeout: 4_000 });
  const send = async ({ path, method = 'GET', token, headers = {}, json }: Call): Promise<Answer> => {
    const response = await request(origin + path, {
      dispatcher,
      method,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: json === undefined ? null : JSON.stringify(json),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.body.text();
    const isJson = text !== '' && /json/.test(String(response.headers['content-type'] ?? ''));
    return {
      status: response.statusCode,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as unknown) : undefined,
    };
  };
  return {
    async call(operation, dueAt, call) {
      try {
        const response = await send(call);
        const outcome = outcomeOf(response);
        measurements.record(operation, outcome, dueAt);
        if (outcome === 'failed')
          measurements.explain(`${operation}: ${response.status} ${problemOf(response)}`);
        return response;
      } catch (error) {
        measurements.record(operation, 'failed', dueAt);
        measurements.explain(`${operation}: ${reasonOf(error)}`);
        return { status: 0, headers: {}, body: undefined };
      }
    },
    async ask<T>(call: Call) {
      for (let attempt = 1; ; attempt++) {
        const response = await send(call);
        if (response.status < 300) return response.body as T;
        if (attempt === attempts || (response.status !== 429 && response.status !== 503))
          throw new Error(`${call.path} was answered with ${response.status} ${problemOf(response)}`);
        await sleep(attempt * 500);
      }
    },
    close: () => dispatcher.close(),
  };
}

/** The last part of the type of an RFC 9457 problem. */
export const problemOf = ({ body }: Answer): string =>
  ((body as { type?: string } | undefined)?.type ?? '').replace(/^.*[/:]/, '');

export function outcomeOf(response: Answer): Outcome {
  const { status } = response;
  if ((status >= 200 && status < 300) || status === 304) return 'ok';
  if (status === 402) return 'declined';
  if (status === 409 && problemOf(response) === 'out-of-stock') return 'out-of-stock';
  if (status === 429) return 'limited';
  if (status === 503) return 'shed';
  return 'failed';
}

const reasonOf = (error: unknown): string => {
  const { name, code } = error as { name?: string; code?: string };
  return name === 'TimeoutError' ? `no answer within ${patienceMs / 1_000} s` : (code ?? name ?? 'unknown');
};

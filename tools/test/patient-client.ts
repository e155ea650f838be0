/** A client of a shop that has just come up: on a slow machine that sheds load, says so with 503, and is asked again. */
import { randomUUID } from 'node:crypto';
import { wait } from './processes.ts';

const patienceMs = 600_000;

interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly json?: object;
  /** For `idempotency-key`. */
  readonly key?: string;
}

/** @param origin of the shop */
export const createPatientClient = (origin: string) => {
  /** @returns the body of the response. @throws Error for any response that is no success */
  const call = async <Body>(
    target: string,
    { method = 'GET', token, json, key }: Call = {},
  ): Promise<Body> => {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      const response = await fetch(origin + target, {
        method,
        headers: {
          ...(json && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }),
          ...(key && { 'idempotency-key': key }),
        },
        ...(json && { body: JSON.stringify(json) }),
      });
      const body = (await response.json()) as Body;
      if (response.ok) return body;
      if (response.status !== 503 || Date.now() > giveUpAt)
        throw new Error(`${method} ${target}: ${response.status} ${JSON.stringify(body)}`);
      await wait(1_000);
    }
  };
  return {
    call,
    /** Registers somebody new. @returns the access token */
    async register(): Promise<string> {
      const { tokens } = await call<{ tokens: { accessToken: string } }>('/api/v1/auth/register', {
        method: 'POST',
        json: { email: `${randomUUID()}@people.example`, password: `pw-${randomUUID()}`, name: 'Ada' },
      });
      return tokens.accessToken;
    },
  };
};

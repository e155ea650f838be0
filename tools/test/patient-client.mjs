/** A client of a shop that has just come up: on a slow machine that sheds load, says so with 503, and is asked again. */
import { randomUUID } from 'node:crypto';
import { wait } from './processes.mjs';

const patienceMs = 60_000;

/** @param {string} origin of the shop */
export const createPatientClient = (origin) => {
  /** @returns the body of the response. @throws Error for any response that is no success */
  const call = async (target, { method = 'GET', token, json, key } = {}) => {
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
      const body = await response.json();
      if (response.ok) return body;
      if (response.status !== 503 || Date.now() > giveUpAt)
        throw new Error(`${method} ${target}: ${response.status} ${JSON.stringify(body)}`);
      await wait(1_000);
    }
  };
  return {
    call,
    /** Registers somebody new. @returns {Promise<string>} the access token */
    async register() {
      const { tokens } = await call('/api/v1/auth/register', {
        method: 'POST',
        json: { email: `${randomUUID()}@people.example`, password: `pw-${randomUUID()}`, name: 'Ada' },
      });
      return tokens.accessToken;
    },
  };
};

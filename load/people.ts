import { randomUUID } from 'node:crypto';
import type { Shop } from './shop';

/** Somebody who buys. */
export interface Person {
  /** A token that is good for some minutes yet. */
  token(): Promise<string>;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Hashing a password is dear by design, so only a few register at once. */
const atOnce = 4;

export async function registerPeople(shop: Shop, count: number): Promise<Person[]> {
  const people: Person[] = [];
  const registrar = async () => {
    while (people.length < count) {
      const place = people.push(undefined as unknown as Person) - 1;
      people[place] = await register(shop);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, registrar));
  return people;
}

async function register(shop: Shop): Promise<Person> {
  const json = { email: `${randomUUID()}@load.example`, password: randomUUID(), name: 'Load Test' };
  let { tokens } = await shop.ask<{ tokens: Tokens }>({
    path: '/api/v1/auth/register',
    method: 'POST',
    json,
  });
  let until = expiry(tokens);
  let refreshing: Promise<void> | undefined;
  const refresh = async () => {
    ({ tokens } = await shop.ask<{ tokens: Tokens }>({
      path: '/api/v1/auth/refresh',
      method: 'POST',
      json: { refreshToken: tokens.refreshToken },
    }));
    until = expiry(tokens);
  };
  return {
    async token() {
      // A token is renewed once for all who wait: using the old one twice would look like theft.
      if (performance.now() > until)
        await (refreshing ??= refresh().finally(() => {
          refreshing = undefined;
        }));
      return tokens.accessToken;
    },
  };
}

const expiry = ({ expiresIn }: Tokens) => performance.now() + Math.max(1, expiresIn - 60) * 1_000;

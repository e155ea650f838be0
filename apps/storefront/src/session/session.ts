import { isProblem } from '../api/problems';
import type { RequestOptions, Requests } from '../api/request';
import type { AccessToken, SignedIn, User } from '../api/types';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/**
 * The person's session. The access token is only in this tab's memory; the refresh token is in a cookie that scripts
 * cannot read.
 */
export interface Session {
  /** As far as this browser knows; the shop may have ended the session meanwhile. */
  isSignedIn(): boolean;
  /** Id of the signed-in person; null if nobody is signed in. */
  userId(): string | null;
  subscribe(listener: () => void): () => void;
  signIn(email: string, password: string): Promise<User>;
  register(registration: Registration): Promise<User>;
  signOut(): Promise<void>;
  /** A valid access token for a request. @throws ApiProblem unauthenticated, Unreachable */
  token(signal?: AbortSignal): Promise<string>;
  /** Sends a request as the person; a rejected token is renewed once. @throws as `send` */
  send(path: string, options?: RequestOptions): Promise<Response>;
  ask<T>(path: string, options?: RequestOptions): Promise<T>;
}

export interface SessionDependencies {
  readonly requests: Requests;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Web Locks: only one tab at a time exchanges the cookie, since each exchange replaces it. */
  readonly locks: { request<T>(name: string, work: () => Promise<T>): Promise<T> };
  /** Registers a listener for storage changes in other tabs. */
  readonly onStorage: (listener: (key: string | null) => void) => void;
  readonly now: () => number;
}

const path = '/api/v1/auth/session';
/** Identifies the sign-in: `<user id> <ms>`. Contains no credentials. */
const markerKey = 'bulkhead.session';
const lockName = 'bulkhead.session';
/** A token is renewed when it expires within this time: a request takes time, and clocks differ. */
const marginMs = 30_000;

export function createSession(dependencies: SessionDependencies): Session {
  const { storage, locks, onStorage, now } = dependencies;
  const { ask, send } = dependencies.requests;
  const listeners = new Set<() => void>();
  let marker = storage.getItem(markerKey);
  let held: { readonly token: string; readonly until: number } | undefined;
  let renewal: Promise<string> | undefined;

  const notify = () => listeners.forEach((listener) => listener());
  const hold = ({ accessToken, expiresIn }: AccessToken): string => {
    held = { token: accessToken, until: now() + expiresIn * 1000 };
    return accessToken;
  };
  const begin = ({ user, tokens }: SignedIn): User => {
    hold(tokens);
    marker = `${user.id} ${now()}`;
    storage.setItem(markerKey, marker);
    notify();
    return user;
  };
  const end = () => {
    held = undefined;
    marker = null;
    storage.removeItem(markerKey);
    notify();
  };
  onStorage((key) => {
    if (key !== markerKey && key !== null) return;
    // Somebody signed in or out in another tab: this tab's token belongs to the previous person.
    held = undefined;
    renewal = undefined;
    marker = storage.getItem(markerKey);
    notify();
  });

  const exchange = () =>
    locks.request(lockName, async () => {
      const before = marker;
      try {
        return hold(await ask<AccessToken>(`${path}/refresh`, { method: 'POST' }));
      } catch (error) {
        if (isProblem(error, 'invalid-token') && marker === before) end();
        throw error;
      }
    });
  const renew = (): Promise<string> => {
    const mine = (renewal ??= exchange().finally(() => {
      if (renewal === mine) renewal = undefined;
    }));
    return mine;
  };
  const token = () => (held && held.until - marginMs > now() ? Promise.resolve(held.token) : renew());

  const sendAs = async (address: string, options: RequestOptions = {}): Promise<Response> => {
    const sendWith = (value: string) =>
      send(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${value}` } });
    const first = await token();
    return sendWith(first).catch(async (error: unknown) => {
      if (!isProblem(error, 'unauthenticated', 'invalid-token')) throw error;
      if (held?.token === first) held = undefined;
      return sendWith(await token());
    });
  };

  return {
    isSignedIn: () => marker !== null,
    userId: () => marker?.split(' ')[0] ?? null,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signIn: (email, password) =>
      locks.request(lockName, async () =>
        begin(await ask<SignedIn>(path, { method: 'POST', body: { email, password } })),
      ),
    register: (registration) =>
      locks.request(lockName, async () =>
        begin(await ask<SignedIn>(`${path}/registrations`, { method: 'POST', body: registration })),
      ),
    signOut: () =>
      locks.request(lockName, async () => {
        await send(path, { method: 'DELETE' });
        end();
      }),
    token,
    send: sendAs,
    ask: async <T>(address: string, options?: RequestOptions) =>
      (await (await sendAs(address, options)).json()) as T,
  };
}

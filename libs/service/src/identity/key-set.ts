import { readFile } from 'node:fs/promises';
import type { Clock } from '@bulkhead/resilience/clock';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { Agent, fetch } from 'undici';

/** Public keys of an issuer (RFC 7517), fetched on demand and kept while the issuer is unavailable. */
export interface KeySet {
  readonly keyFor: JWTVerifyGetKey;
  /** Changes when a key is withdrawn: tokens verified earlier may have been signed with it. */
  withdrawals(): number;
  /** Fetches the keys again in any case. Never throws. */
  refresh(): Promise<void>;
}

/** The keys to verify a token are unavailable: it is neither valid nor invalid. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

const freshMs = 5 * 60_000;
const refetchAfterMs = 5_000;

/**
 * A cached key set. An unknown key id triggers a fetch (rotation), at most every 5 s; if a fetch fails, the cached keys
 * are used. Its `keyFor` throws KeysUnavailable while no key was ever loaded, and for an unknown key id that may be
 * new.
 * @param fetchKeys loads the current set
 */
export function createKeySet(fetchKeys: () => Promise<JSONWebKeySet>, clock: Clock): KeySet {
  let keys: JWTVerifyGetKey | undefined;
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let missedAt = -Infinity;
  let withdrawals = 0;
  let published = new Set<string | undefined>();
  let failure: KeysUnavailable | undefined;
  let pending: Promise<void> | undefined;

  const refresh = (): Promise<void> => {
    pending ??= fetchKeys()
      .then((set) => {
        keys = createLocalJWKSet(set);
        const kids = new Set(set.keys.map(({ kid }) => kid));
        if ([...published].some((kid) => !kids.has(kid))) withdrawals += 1;
        published = kids;
        fetchedAt = clock.monotonic();
        failure = undefined;
      })
      .catch((cause: unknown) => {
        failure = new KeysUnavailable('The keys of the issuer cannot be had', { cause });
        throw failure;
      })
      .finally(() => {
        triedAt = clock.monotonic();
        pending = undefined;
      });
    return pending;
  };

  return {
    async keyFor(header, token) {
      if (!keys) await refresh();
      else if (clock.monotonic() - fetchedAt > freshMs && clock.monotonic() - triedAt > refetchAfterMs)
        refresh().catch(() => undefined);
      try {
        return await keys!(header, token);
      } catch (error) {
        if (clock.monotonic() - missedAt <= refetchAfterMs) throw failure ?? error;
        missedAt = clock.monotonic();
        // A fetch in progress may have started before the key was published.
        await pending?.catch(() => undefined);
        await refresh();
        return keys!(header, token);
      }
    },
    withdrawals: () => withdrawals,
    refresh: () => refresh().catch(() => undefined),
  };
}

const fetchTimeoutMs = 3_000;

export interface UrlKeySetOptions {
  /** Created for every fetch. */
  readonly headers?: () => Promise<Record<string, string>>;
  /** PEM of the authorities to trust instead of the well-known ones; read for every fetch. */
  readonly ca?: () => string;
}

/** The keys that an issuer publishes at a URL. */
export function createUrlKeySet(url: string, clock: Clock, options: UrlKeySetOptions = {}): KeySet {
  const dispatcherNow = options.ca && createTrustingAgent(options.ca);
  return createKeySet(async () => {
    const dispatcher = dispatcherNow?.();
    const response = await fetch(url, {
      headers: (await options.headers?.()) ?? {},
      signal: AbortSignal.timeout(fetchTimeoutMs),
      ...(dispatcher ? { dispatcher } : {}),
    });
    if (!response.ok) throw new Error(`the issuer's keys were answered with ${response.status}`);
    return (await response.json()) as JSONWebKeySet;
  }, clock);
}

/** Connections that trust these authorities; replaced when they change. */
function createTrustingAgent(authorities: () => string): () => Agent {
  let ca = authorities();
  let agent = new Agent({ connect: { ca } });
  return () => {
    const now = authorities();
    if (now !== ca) {
      void agent.close();
      ca = now;
      agent = new Agent({ connect: { ca } });
    }
    return agent;
  };
}

/** The keys of an issuer in a mounted file. */
export const createFileKeySet = (path: string, clock: Clock): KeySet =>
  createKeySet(async () => JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet, clock);

import type { Clock } from '@bulkhead/resilience/clock';
import type { Logins } from '@bulkhead/resilience/logins';
import pg from 'pg';
import { DatabaseUnavailable } from './errors';

/** The server refused a login; another one may be accepted. */
export class LoginRefused extends DatabaseUnavailable {
  /** The URL that was refused. */
  readonly login: string;
  constructor(login: string, { message, cause }: DatabaseUnavailable) {
    super(message.replace('database is unavailable: ', ''), { cause });
    this.login = login;
  }
}

export interface LoginPoolOptions {
  readonly logins: Logins;
  /** Whether other logins may be given while this runs. */
  readonly mayChange: boolean;
  /** Longest wait for another login once all that are given were refused and no connection is left, ms. */
  readonly waitMs: number;
  readonly clock: Clock;
  /** Told of a refusal by all that are given, not more than once for them. */
  readonly onRefused: (reason: string) => void;
}

/** How often it is asked what logins are given, while waiting for another one, ms. */
const askAgainMs = 200;
/** How long no new connection is tried after a refusal, while there are connections to live on, ms. */
const liveOnMs = 1_000;

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, done: Release) => void;
type Release = (release?: boolean | Error) => void;

/**
 * pg's pool, which outlasts a change of the password. A new connection whose login is refused tries the next that is
 * given. Where all are refused, the pool lives on with the connections it has, which the server does not end for it;
 * where it has none, it waits for another login, once: until one is given, whoever comes later fails at once.
 */
export function createLoginPool(config: pg.PoolConfig, options: LoginPoolOptions): pg.Pool {
  const { logins, mayChange, waitMs, clock, onRefused } = options;
  const given = () => [...logins.inOrder()].sort().join('\n');
  const preferUntried = (tried: ReadonlySet<string>): boolean => {
    const next = logins.inOrder().find((login) => !tried.has(login));
    if (next !== undefined) logins.prefer(next);
    return next !== undefined;
  };
  let told: string | undefined;
  let waitedFor: string | undefined;
  let waiting: Promise<void> | undefined;

  /** Resolves when other logins are given than these, or after the longest wait. */
  const waitForOthers = (than: string): Promise<void> =>
    (waiting ??= (async () => {
      const until = clock.monotonic() + waitMs;
      while (given() === than && clock.monotonic() < until) await clock.sleep(askAgainMs);
    })().finally(() => (waiting = undefined)));

  class LoginPool extends pg.Pool {
    readonly #max = this.options.max;
    #connections = 0;
    #narrowed: { readonly given: string; readonly until: number } | undefined;

    constructor() {
      super(config);
      this.on('connect', () => (this.#connections += 1));
      this.on('remove', () => (this.#connections -= 1));
    }

    override connect(): Promise<pg.PoolClient>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.PoolClient> | void {
      const connecting = this.#connect();
      if (!callback) return connecting;
      connecting.then(
        (client) => callback(undefined, client, (release) => client.release(release)),
        (error: unknown) => callback(error as Error, undefined, () => undefined),
      );
    }

    async #connect(): Promise<pg.PoolClient> {
      const tried = new Set<string>();
      for (;;) {
        this.#widen();
        try {
          return await super.connect();
        } catch (error) {
          if (!(error instanceof LoginRefused)) throw error;
          tried.add(error.login);
          if (preferUntried(tried)) continue;
          const all = given();
          if (told !== all) onRefused(error.message);
          told = all;
          if (this.#connections > 0) this.#narrow(all);
          else if (!mayChange || waitedFor === all) throw error;
          else {
            await waitForOthers(all);
            if (preferUntried(tried)) continue;
            waitedFor = all;
            throw error;
          }
        }
      }
    }

    /** Lets callers wait for the connections there are. */
    #narrow(all: string): void {
      this.options.max = this.#connections;
      this.#narrowed = { given: all, until: clock.monotonic() + liveOnMs };
    }

    #widen(): void {
      if (!this.#narrowed) return;
      const { given: refused, until } = this.#narrowed;
      if (this.#connections > 0 && given() === refused && clock.monotonic() < until) return;
      this.options.max = this.#max;
      this.#narrowed = undefined;
    }
  }

  return new LoginPool();
}

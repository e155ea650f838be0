import type { Clock } from '@bulkhead/resilience/clock';
import type { Logins } from '@bulkhead/resilience/logins';
import pg from 'pg';
import { DatabaseUnavailable } from './errors';

/** The server refused the credentials; others may be accepted. */
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
  /** Whether the given credentials may change at run time. */
  readonly mayChange: boolean;
  /** Maximum wait for other credentials once all given ones were refused and no connection is left, ms. */
  readonly waitMs: number;
  readonly clock: Clock;
  /** Called when all given credentials were refused, at most once for the same ones. */
  readonly onRefused: (reason: string) => void;
}

/** Polling interval while waiting for other credentials, ms. */
const askAgainMs = 200;
/** How long no new connection is attempted after a refusal while existing connections can serve, ms. */
const liveOnMs = 1_000;

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, done: Release) => void;
type Release = (release?: boolean | Error) => void;

/**
 * pg's pool, surviving a password change. A new connection whose login is refused tries the next given credentials. If
 * all are refused, the pool continues with its existing connections, which the server does not close; without any, it
 * waits for other credentials once, and until they are given later callers fail immediately.
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

  /** Resolves when other credentials than these are given, or after the maximum wait. */
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

    /** Lets callers wait for the existing connections. */
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

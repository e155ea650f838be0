/** The credentials for a server: one, or several during a password change. A function returns the current ones. */
export type GivenLogins = string | (() => readonly string[]);

/** Chooses among the given credentials: those that were accepted last, if they are still given; otherwise the first. */
export interface Logins {
  /** In the order in which to try them; at least one. */
  inOrder(): readonly string[];
  /** Prefers these from now on. */
  prefer(login: string): void;
}

/**
 * During a password change both the old and the new one are given, and only the server knows which one it accepts. The
 * one that worked last is tried first, since some servers lock an account after failed logins.
 */
export function createLogins(given: GivenLogins): Logins {
  let preferred: string | undefined;
  return {
    inOrder() {
      const logins = typeof given === 'string' ? [given] : given();
      if (preferred === undefined || !logins.includes(preferred)) return logins;
      return [preferred, ...logins.filter((login) => login !== preferred)];
    },
    prefer: (login) => void (preferred = login),
  };
}

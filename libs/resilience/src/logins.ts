/** The logins that a server may know us by: one, or several while a password is changed. A function says them as of now. */
export type GivenLogins = string | (() => readonly string[]);

/** Which login to use of those that are given: the one that was accepted last, as long as it is given; else the first. */
export interface Logins {
  /** In the order in which to try them; at least one. */
  inOrder(): readonly string[];
  /** Uses this one from now on. */
  prefer(login: string): void;
}

/**
 * While a password is changed, old and new are both given, and the server accepts one of them: which one, only it knows.
 * Trying the one that worked before comes first, since each refusal counts towards a lock-out at some servers.
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

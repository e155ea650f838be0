/** Lifetime of an unused refresh token. */
export const refreshTokenSeconds = 30 * 24 * 3600;
/** Maximum lifetime of a session, however often it is refreshed. */
export const sessionSeconds = 180 * 24 * 3600;
/** How long a used refresh token still returns its successor: two tabs, a lost response. */
export const reuseGraceSeconds = 10;
/** Maximum number of an account's live sessions; opening another ends the least recently used one. */
export const maxSessions = 50;

/** How long a refresh token waits to be used. */
export const refreshTokenSeconds = 30 * 24 * 3600;
/** How long a session lasts however often it is refreshed. */
export const sessionSeconds = 180 * 24 * 3600;
/** How long a used refresh token gives its successor again: two tabs at once, an answer that got lost. */
export const reuseGraceSeconds = 10;
/** Live sessions of one account; opening another ends the one that was not used for longest. */
export const maxSessions = 50;

/** The embedded PostgreSQL is not available; the message says why, and what to do if there is a remedy. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The embedded PostgreSQL cannot be had; the message says why, and what to do where something can be done. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

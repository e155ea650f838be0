/**
 * A condition that is always true. A statement that contains it commits without waiting for the disk (PostgreSQL's
 * documentation, "Asynchronous Commit"): a crash of the server may lose what was committed within about the last
 * second, but never a part of a transaction, and never an earlier transaction while it keeps a later one.
 *
 * Only for work that is repeated with the same effect if it is lost, such as taking a lease or recording that nothing
 * is to be done. Not for anything that a client was told, and not if another server may remember what follows from it.
 * In a transaction it applies to the whole transaction; it is evaluated once, before any row is written.
 */
export const commitsAsynchronously = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

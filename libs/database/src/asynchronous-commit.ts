/**
 * A condition that always holds. The statement that has it commits without waiting for the disk (PostgreSQL's documentation,
 * "Asynchronous Commit"): a crash of the server may forget what was committed within the last second or so, never a part of
 * it, and never something while it keeps what the same server committed later.
 *
 * Only for what is done again, with the same effect, where it is forgotten: taking a lease, or noting that nothing is to be
 * done. Not for what somebody was told, and not where another server may remember what follows from it. In a transaction it
 * holds for all that the transaction does; it is evaluated once, before any row is written.
 */
export const commitsAsynchronously = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

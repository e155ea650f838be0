/**
 * A rebuild is running exactly while the pointer has a shadow. Locks are taken in the order rebuild, pointer, products;
 * `begin` takes the pointer first, but only while there is no shadow, when nobody else goes from one to the other.
 */

/**
 * The client cannot write two tables in one statement, the second from the first.
 *
 * Begins a new generation unless one is being built. Waits for the writes in progress (they hold the pointer), so that
 * whatever is written afterwards goes to it too.
 *
 * $1 only if nothing has been built yet and the last attempt ended $2 ms ago
 */
export const begin = {
  name: 'search-rebuild-begin',
  text: `with begun as (
      update index_pointer set shadow = last + 1, last = last + 1
      where shadow is null and (not $1::boolean or active = 0 and not exists (
        select from rebuild where finished_at > clock_timestamp() - $2 * interval '1 ms'))
      returning shadow
    )
    update rebuild set state = 'running', generation = begun.shadow, after = null, indexed = 0,
      started_at = clock_timestamp(), finished_at = null, problem = null, failures = 0, owner = null, leased_until = null
    from begun`,
};

/**
 * The client cannot calculate a time from now.
 *
 * Claims the running rebuild if it has no owner, or the owner's lease has expired. Invariant: one owner at a time, by
 * the database's clock.
 *
 * $1 owner, $2 lease in ms
 */
export const claim = {
  name: 'search-rebuild-claim',
  text: `update rebuild set owner = $1, leased_until = clock_timestamp() + $2 * interval '1 ms'
    where state = 'running' and (leased_until is null or leased_until <= clock_timestamp())
    returning owner, generation, after`,
};

const owned = `state = 'running' and owner = $1 and generation = $2`;

/**
 * The client cannot calculate a time from now.
 *
 * Records a page that the same transaction writes, and renews the lease. No row: another owner has taken over, and the
 * page must not be written.
 *
 * $1 owner, $2 generation, $3 lease in ms, $4 id of the last product of the page, $5 products on it
 */
export const advance = {
  name: 'search-rebuild-advance',
  text: `update rebuild set leased_until = clock_timestamp() + $3 * interval '1 ms', after = $4,
      indexed = indexed + $5, failures = 0, problem = null
    where ${owned}`,
};

/**
 * The client cannot calculate a time from now, nor decide by the row's own numbers.
 *
 * Records a failure: the rebuild continues later from where it was, or is abandoned after too many in a row.
 *
 * $1 owner, $2 generation, $3 the problem, $4 ms before the next attempt, doubled with each failure up to $5, $6
 * failures in a row after which it is given up
 */
export const fail = {
  name: 'search-rebuild-fail',
  text: `update rebuild set
      failures = failures + 1,
      problem = $3,
      owner = null,
      leased_until = clock_timestamp() + least($4 * 2.0 ^ failures, $5) * interval '1 ms',
      state = case when failures + 1 >= $6 then 'failed' else state end,
      finished_at = case when failures + 1 >= $6 then clock_timestamp() end
    where ${owned}
    returning state = 'failed' as given_up`,
};

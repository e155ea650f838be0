/**
 * A rebuild is running exactly while the pointer has a shadow. Locks are taken in the order rebuild, pointer, products;
 * `begin` takes the pointer first, but only while there is no shadow, when nobody else goes from one to the other.
 */

/**
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
 * Takes up the running rebuild if nobody works on it, or who did has not been heard of for a lease.
 * Invariant: one owner at a time, by the database's clock.
 *
 * $1 owner, $2 lease in ms
 */
export const claim = {
  name: 'search-rebuild-claim',
  text: `update rebuild set owner = $1, leased_until = clock_timestamp() + $2 * interval '1 ms'
    where state = 'running' and (leased_until is null or leased_until <= clock_timestamp())
    returning generation, after`,
};

const owned = `state = 'running' and owner = $1 and generation = $2`;

/**
 * Notes a page that the same transaction writes, and renews the lease. No row: somebody else has taken over, and the
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

/** Ends the rebuild, in the transaction that swaps. $1 owner, $2 generation */
export const finish = {
  name: 'search-rebuild-finish',
  text: `update rebuild set state = 'idle', finished_at = clock_timestamp(), owner = null, leased_until = null
    where ${owned}`,
};

/** Readers see the new generation from here on, and its shadow is gone. $1 generation */
export const swap = {
  name: 'search-rebuild-swap',
  text: `update index_pointer set active = shadow, shadow = null where shadow = $1`,
};

/** Gives the rebuild back to whoever looks next. $1 owner, $2 generation */
export const release = {
  name: 'search-rebuild-release',
  text: `update rebuild set owner = null, leased_until = null where ${owned}`,
};

/**
 * Notes a failure: the rebuild goes on later from where it was, or is given up after too many in a row.
 *
 * $1 owner, $2 generation, $3 the problem, $4 ms before the next attempt, doubled with each failure up to $5,
 * $6 failures in a row after which it is given up
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

/** Gives a generation up, in the transaction that fails its rebuild. $1 generation */
export const abandon = {
  name: 'search-rebuild-abandon',
  text: `update index_pointer set shadow = null where shadow = $1`,
};

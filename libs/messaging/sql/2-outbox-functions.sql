-- How the relay reads the outbox. Every service's migration …_outbox_read_in_order is this file as it stands.
-- PostgreSQL 15–18.

-- A function for what its SET clauses do: nearly every row of an outbox is sent, so that the planner takes those that wait
-- for one or two, and would read and sort all of them for each claim. This way it can only walk outbox_unsent from the
-- oldest on, which also clears that index of the entries of rows just sent.

-- Leases the oldest rows that nobody holds, and returns them. A lease that a crash of the server forgets is a row sent
-- twice, as may happen in any case: the commit waits for no disk.
CREATE FUNCTION "claim_outbox"("most" INTEGER, "lease_ms" DOUBLE PRECISION) RETURNS SETOF "outbox"
    LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN QUERY
        UPDATE outbox SET leased_until = clock_timestamp() + lease_ms * interval '1 ms'
        WHERE position = ANY (ARRAY(
            SELECT position FROM outbox
            WHERE sent_at IS NULL AND parked_at IS NULL
                AND (leased_until IS NULL OR leased_until < clock_timestamp())
            ORDER BY position LIMIT most
            FOR UPDATE SKIP LOCKED))
        RETURNING *;
END
$$;

-- Rows waiting or in flight (counted up to 100,000), the age in ms of the oldest (0 when there is none), and rows parked.
CREATE FUNCTION "outbox_state"(OUT "unsent" INTEGER, OUT "age" DOUBLE PRECISION, OUT "parked" INTEGER)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)) * 1000, 0) INTO unsent, age
    FROM (
        SELECT created_at FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL ORDER BY position LIMIT 100000
    ) AS waiting;
    SELECT count(*) INTO parked FROM outbox WHERE sent_at IS NULL AND parked_at IS NOT NULL;
END
$$;

-- $1 kinds, $2 their leases in milliseconds, $3 the platform's time, $4 jobs of one tenant at once, $5 jobs wanted, $6 who asks
WITH RECURSIVE known AS (
    SELECT kind, lease FROM unnest($1, $2) AS k (kind, lease)
), leased AS (
    SELECT id, kind, for_tenant, dedupe_key, run_at, lease_until < clock_timestamp() AS expired
    FROM jobs WHERE state = 'running'
), early AS MATERIALIZED (
    -- All that is due, unless there is a backlog.
    SELECT r.id, r.for_tenant, r.run_at FROM jobs r
    WHERE r.state = 'ready' AND r.run_at <= $3 AND r.kind = ANY ($1)
        AND NOT EXISTS (SELECT FROM leased l WHERE l.kind = r.kind AND l.dedupe_key = r.dedupe_key)
    ORDER BY r.run_at, r.id LIMIT 100
), tenants AS (
    -- Behind a backlog other tenants may wait: one probe of the index for each that has jobs.
    (SELECT for_tenant FROM jobs
     WHERE state = 'ready' AND for_tenant IS NOT NULL AND (SELECT count(*) FROM early) = 100
     ORDER BY for_tenant LIMIT 1)
    UNION ALL
    SELECT (SELECT j.for_tenant FROM jobs j WHERE j.state = 'ready' AND j.for_tenant > t.for_tenant
            ORDER BY j.for_tenant LIMIT 1)
    FROM tenants t WHERE t.for_tenant IS NOT NULL
), candidates AS (
    SELECT id, for_tenant, run_at FROM early
    UNION
    SELECT id, for_tenant, run_at FROM leased WHERE expired AND kind = ANY ($1)
    UNION
    SELECT due.* FROM tenants t CROSS JOIN LATERAL (
        SELECT r.id, r.for_tenant, r.run_at FROM jobs r
        WHERE r.state = 'ready' AND r.for_tenant = t.for_tenant AND r.run_at <= $3 AND r.kind = ANY ($1)
            AND NOT EXISTS (SELECT FROM leased l WHERE l.kind = r.kind AND l.dedupe_key = r.dedupe_key)
        ORDER BY r.run_at, r.id LIMIT least($4, $5)
    ) due
    UNION
    (SELECT r.id, r.for_tenant, r.run_at FROM jobs r
     WHERE r.state = 'ready' AND r.for_tenant IS NULL AND r.run_at <= $3 AND r.kind = ANY ($1)
         AND NOT EXISTS (SELECT FROM leased l WHERE l.kind = r.kind AND l.dedupe_key = r.dedupe_key)
     ORDER BY r.run_at, r.id LIMIT least($4, $5))
), busy AS (
    SELECT for_tenant, count(*) AS running FROM leased WHERE NOT expired GROUP BY for_tenant
), ranked AS (
    SELECT c.id, c.run_at,
        coalesce(b.running, 0) + row_number() OVER (PARTITION BY c.for_tenant ORDER BY c.run_at, c.id) AS place
    FROM candidates c LEFT JOIN busy b ON b.for_tenant IS NOT DISTINCT FROM c.for_tenant
), chosen AS (
    SELECT id FROM ranked WHERE place <= $4 ORDER BY place, run_at, id LIMIT $5
), locked AS (
    -- A row that somebody holds is being enqueued again, or its lease is being used: the next claim will see.
    SELECT j.id FROM jobs j JOIN chosen USING (id)
    WHERE j.state = 'ready' OR (j.state = 'running' AND j.lease_until < clock_timestamp())
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE jobs SET
    state = 'running',
    attempts = jobs.attempts + 1,
    lease_owner = $6,
    lease_token = gen_random_uuid(),
    lease_until = clock_timestamp() + known.lease * interval '1 millisecond'
FROM locked, known
WHERE jobs.id = locked.id AND known.kind = jobs.kind
RETURNING jobs.id, jobs.kind, jobs.for_tenant, jobs.payload, jobs.attempts, jobs.lease_token

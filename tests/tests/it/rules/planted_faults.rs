//! T28: faults planted in a database, each of which the checks of this suite find. What is planted is taken back with its
//! transaction.

use super::{
    isolation::{Possession, leaks, possessions, uuid},
    schema_checks::CHECKS,
};
use diesel::{PgConnection, connection::SimpleConnection};
use std::collections::BTreeSet;
use tests::TestApp;

/// A fault, how it is planted, and the checks that must find it.
type Fault = (&'static str, &'static str, &'static [&'static str]);

const FAULTS: &[Fault] = &[
    ("a policy removed", "DROP POLICY tenant_isolation ON orders", &["tables", "leaks"]),
    ("a policy for everybody", "ALTER POLICY tenant_isolation ON orders USING (true)", &["policies", "audit", "leaks"]),
    (
        "a policy that checks nothing written",
        "ALTER POLICY tenant_isolation ON orders WITH CHECK (true)",
        &["policies", "audit"],
    ),
    (
        "a second policy",
        "CREATE POLICY for_reports ON orders FOR SELECT USING (true)",
        &["tables", "policies", "audit", "leaks"],
    ),
    (
        "a policy that fails on a used connection",
        "ALTER POLICY tenant_isolation ON orders USING (tenant_id = current_setting('app.tenant_id')::uuid)",
        &["policies", "audit"],
    ),
    ("row security not forced", "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY", &["tables", "audit"]),
    ("row security off", "ALTER TABLE orders DISABLE ROW LEVEL SECURITY", &["tables", "audit", "leaks"]),
    (
        "a simple foreign key",
        "CREATE UNIQUE INDEX planted ON orders (id);
         ALTER TABLE order_lines ADD CONSTRAINT planted FOREIGN KEY (order_id) REFERENCES orders (id)",
        &["keys", "audit"],
    ),
    (
        "a unique index without the tenant",
        "CREATE UNIQUE INDEX planted ON product_variants (sku, id)",
        &["keys", "audit"],
    ),
    ("TRUNCATE granted", "GRANT TRUNCATE ON orders TO app_tenant", &["tables", "audit"]),
    ("a grant to everybody", "GRANT SELECT ON orders TO PUBLIC", &["tables"]),
    ("a column granted", "GRANT SELECT (id) ON orders TO app_public", &["tables"]),
    ("a grant on a table of others", "GRANT SELECT ON users TO app_tenant", &["tables", "audit"]),
    (
        "a nullable tenant",
        "ALTER TABLE notifications DROP CONSTRAINT notifications_pkey CASCADE;
         ALTER TABLE notifications ALTER COLUMN tenant_id DROP NOT NULL",
        &["audit"],
    ),
    (
        "a function with its owner's rights",
        "CREATE FUNCTION planted() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM orders'",
        &["audit"],
    ),
    (
        "a view with its owner's rights",
        "CREATE VIEW planted AS SELECT * FROM orders; GRANT SELECT ON planted TO app_tenant",
        &["audit"],
    ),
    (
        "a materialised view",
        "CREATE MATERIALIZED VIEW planted AS SELECT * FROM orders; GRANT SELECT ON planted TO app_tenant",
        &["audit"],
    ),
    ("a table that nobody has listed", "CREATE TABLE planted (tenant_id uuid NOT NULL)", &["list", "audit"]),
    ("a sequence for tenants", "CREATE SEQUENCE planted; GRANT USAGE ON SEQUENCE planted TO app_tenant", &["audit"]),
    ("a login past row security", "ALTER ROLE smecloud_app BYPASSRLS", &["audit"]),
    ("a role past row security", "ALTER ROLE app_tenant BYPASSRLS", &["audit", "leaks"]),
    ("a way to the owner", "GRANT smecloud_owner TO smecloud_app", &["audit"]),
    ("an owner among the roles", "ALTER TABLE orders OWNER TO app_tenant", &["audit"]),
    ("no time limits", "ALTER ROLE smecloud_app RESET statement_timeout", &["audit"]),
    ("the platform without its word", "ALTER POLICY platform_read ON audit_log USING (true)", &["policies", "audit"]),
    (
        "the platform where it may not read",
        "CREATE POLICY platform_read ON categories FOR SELECT TO app_platform
             USING (nullif(current_setting('app.platform', true), '') = 'on');
         GRANT SELECT ON categories TO app_platform",
        &["tables"],
    ),
];

/// Names of the checks that find something.
fn checked(
    conn: &mut PgConnection,
    possessions: &[Possession],
    stranger: &str,
    leaking: bool,
) -> BTreeSet<&'static str> {
    let mut found: BTreeSet<_> =
        CHECKS.iter().filter(|(_, check)| !check(conn).is_empty()).map(|(name, _)| *name).collect();
    if leaking && !leaks(conn, possessions, stranger).is_empty() {
        found.insert("leaks");
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn t28_every_planted_fault_is_found() {
    let app = TestApp::start().await;
    let (seller, buyer) = crate::trade::a_completed_sale(&app).await;
    let stranger = uuid(&app.firm("stranger").await);
    let possessions = possessions(&app, &[&seller, &buyer]);
    let mut conn = app.database.superuser();
    let mut findings = |sql: &str, leaking: bool| {
        conn.batch_execute(&format!("BEGIN; {sql}")).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let found = checked(&mut conn, &possessions, &stranger, leaking);
        conn.batch_execute("ROLLBACK").unwrap();
        found
    };
    assert_eq!(findings("", true), BTreeSet::new(), "nothing is wrong before");
    let mut missed = Vec::new();
    for (name, sql, expected) in FAULTS {
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        let found = findings(sql, expected.contains("leaks"));
        if !expected.is_subset(&found) {
            missed.push((name, expected, found));
        }
    }
    assert!(missed.is_empty(), "planted, expected and found: {missed:#?}");
    assert_eq!(findings("", true), BTreeSet::new(), "nothing is left");
}

//! `tables.toml` against the migrated database.

use db::tables::{self, Scope, Table};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    sql_types::{Array, Bool, Text},
};
use std::collections::{BTreeMap, BTreeSet};
use tests::Cluster;

#[derive(Debug, QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    secured: bool,
    #[diesel(sql_type = Array<Text>)]
    policies: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    grants: Vec<String>,
}

const FOUND: &str = "
    SELECT c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS secured,
        ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1) AS policies,
        ARRAY(SELECT DISTINCT g.grantee || ' ' || g.privilege_type FROM information_schema.role_table_grants g
              WHERE g.table_name = c.relname AND g.table_schema = 'public' AND g.grantee <> 'smecloud_owner' ORDER BY 1) AS grants
    FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND c.relname <> '__diesel_schema_migrations' ORDER BY 1";

fn found(conn: &mut PgConnection) -> BTreeMap<String, Found> {
    let rows: Vec<Found> = diesel::sql_query(FOUND).load(conn).unwrap();
    rows.into_iter().map(|row| (row.name.clone(), row)).collect()
}

#[test]
fn every_table_is_listed_and_every_listed_table_exists() {
    let database = Cluster::get().database();
    let found: BTreeSet<_> = found(&mut database.superuser()).into_keys().collect();
    let listed: BTreeSet<_> = tables::all().unwrap().into_keys().collect();
    assert_eq!(found, listed);
}

#[test]
fn tenant_tables_have_forced_row_security_their_policies_and_no_other_grants() {
    let database = Cluster::get().database();
    let found = found(&mut database.superuser());
    for (name, table) in tables::all().unwrap() {
        let row = &found[&name];
        if table.scope == Scope::Tenant {
            check_tenant_table(&name, &table, row);
        } else {
            check_roles(&name, &table, row);
        }
    }
}

fn check_tenant_table(name: &str, table: &Table, row: &Found) {
    assert!(row.secured, "{name}: row security is not forced");
    let mut policies = vec!["tenant_isolation"];
    if table.platform_read {
        policies.insert(0, "platform_read");
    }
    assert_eq!(row.policies, policies, "{name}");
    for grant in &row.grants {
        let allowed = ["SELECT", "INSERT", "UPDATE", "DELETE"].map(|verb| format!("app_tenant {verb}")).contains(grant)
            || (table.platform_read && grant == "app_platform SELECT");
        assert!(allowed, "{name}: unexpected grant {grant}");
    }
}

fn check_roles(name: &str, table: &Table, row: &Found) {
    let roles: BTreeSet<_> = row.grants.iter().filter_map(|grant| grant.split(' ').next()).map(str::to_owned).collect();
    assert_eq!(roles, table.roles.iter().cloned().collect(), "{name}: roles with grants");
    for grant in &row.grants {
        assert!(
            !grant.ends_with("TRUNCATE") && !grant.ends_with("TRIGGER") && !grant.ends_with("REFERENCES"),
            "{name}: {grant}"
        );
    }
}

#[derive(Debug, QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    first: String,
    #[diesel(sql_type = Text)]
    target: String,
}

#[test]
fn keys_and_indexes_of_tenant_tables_begin_with_the_tenant() {
    let database = Cluster::get().database();
    let tables = tables::all().unwrap();
    let is_tenants = |name: &str| tables.get(name).is_some_and(|table| table.scope == Scope::Tenant);
    let unique: Vec<Key> = diesel::sql_query(
        "SELECT c.relname::text AS relation, i.indexrelid::regclass::text AS name, a.attname::text AS first, '' AS target
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indisunique",
    )
    .load(&mut database.superuser())
    .unwrap();
    for key in unique.iter().filter(|key| is_tenants(&key.relation)) {
        assert_eq!(key.first, "tenant_id", "unique index {} of {}", key.name, key.relation);
    }
    let foreign: Vec<Key> = diesel::sql_query(
        "SELECT k.conrelid::regclass::text AS relation, k.conname::text AS name, a.attname::text AS first,
                k.confrelid::regclass::text AS target
         FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] WHERE k.contype = 'f'",
    )
    .load(&mut database.superuser())
    .unwrap();
    for key in foreign.iter().filter(|key| is_tenants(&key.relation) && is_tenants(&key.target)) {
        assert_eq!(key.first, "tenant_id", "foreign key {} of {}", key.name, key.relation);
    }
    assert!(unique.len() > 20 && foreign.len() > 5, "the queries find keys at all");
}

#[derive(Debug, QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    rule: String,
    #[diesel(sql_type = Text)]
    object: String,
}

/// An audit of the catalogue by rules of its own, for every role that the platform steps into.
#[test]
fn t10_the_isolation_audit_finds_only_what_tables_toml_names() {
    let database = Cluster::get().database();
    let tables = tables::all().unwrap();
    for role in ["app_tenant", "app_platform", "app_auth", "app_public", "app_jobs"] {
        let audit =
            include_str!("rls_audit.sql").replace(":'app'", &format!("'{role}'")).replace(":'tcol'", "'tenant_id'");
        let audit: String = audit.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
        let findings: Vec<Finding> =
            diesel::sql_query(audit.trim().trim_end_matches(';')).load(&mut database.superuser()).unwrap();
        for finding in findings {
            let table = finding.object.trim_start_matches("public.");
            let named = match &finding.rule[..3] {
                // Tables without a tenant are listed with the roles that read them.
                "R02" => {
                    tables.get(table).is_some_and(|t| t.scope != Scope::Tenant && t.roles.iter().any(|r| r == role))
                }
                // One statement whose unique key app_tenant may not read; owned by smecloud_owner, whom row security binds too.
                "R10" => finding.object.starts_with("enqueue_once("),
                // Time limits stand on the login role; the roles it steps into have none of their own.
                "R18" => true,
                _ => false,
            };
            assert!(named, "{role}: {} {}", finding.rule, finding.object);
        }
    }
}

//! What is checked of the migrated database, as functions that tell what they find: nothing on the real schema, something on
//! one with a planted fault.

use db::tables::{self, Scope, Table};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    sql_types::{Array, Bool, Text},
};
use std::collections::{BTreeMap, BTreeSet};

/// A check: what is wrong, in words.
pub type Check = fn(&mut PgConnection) -> Vec<String>;

/// All checks of the catalogue, by name.
pub const CHECKS: &[(&str, Check)] =
    &[("list", list), ("tables", row_security), ("policies", policies), ("keys", keys), ("audit", audit)];

/// Roles that the platform works under.
const ROLES: [&str; 6] = ["app_tenant", "app_platform", "app_auth", "app_public", "app_jobs", "smecloud_app"];

/// What `tenant_table` writes.
const OF_THE_TENANT: &str = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";
const OF_THE_PLATFORM: &str = "(NULLIF(current_setting('app.platform'::text, true), ''::text) = 'on'::text)";

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
              WHERE g.table_name = c.relname AND g.table_schema = 'public' AND g.grantee <> 'smecloud_owner'
              UNION SELECT DISTINCT acl.grantee::regrole || ' ' || acl.privilege_type || ' of ' || a.attname
              FROM pg_attribute a, aclexplode(a.attacl) acl WHERE a.attrelid = c.oid ORDER BY 1) AS grants
    FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND c.relname <> '__diesel_schema_migrations' ORDER BY 1";

fn found(conn: &mut PgConnection) -> BTreeMap<String, Found> {
    let rows: Vec<Found> = diesel::sql_query(FOUND).load(conn).unwrap();
    rows.into_iter().map(|row| (row.name.clone(), row)).collect()
}

/// Every table is listed in `tables.toml`, and every listed table exists.
fn list(conn: &mut PgConnection) -> Vec<String> {
    let found: BTreeSet<_> = found(conn).into_keys().collect();
    let listed: BTreeSet<_> = tables::all().unwrap().into_keys().collect();
    let unlisted = found.difference(&listed).map(|name| format!("{name} is not in tables.toml"));
    unlisted.chain(listed.difference(&found).map(|name| format!("{name} does not exist"))).collect()
}

/// Tenant tables have forced row security, their policies and no other grants; other tables only the roles named.
fn row_security(conn: &mut PgConnection) -> Vec<String> {
    let found = found(conn);
    let mut findings = Vec::new();
    for (name, table) in tables::all().unwrap() {
        let Some(row) = found.get(&name) else { continue };
        findings.extend(match table.scope {
            Scope::Tenant => of_tenant_table(&table, row),
            Scope::Global | Scope::Public => of_roles(&table, row),
        });
    }
    findings
}

fn of_tenant_table(table: &Table, row: &Found) -> Vec<String> {
    let name = &row.name;
    let mut findings = Vec::new();
    if !row.secured {
        findings.push(format!("{name}: row security is not forced"));
    }
    let mut policies = vec!["tenant_isolation"];
    if table.platform_read {
        policies.insert(0, "platform_read");
    }
    if row.policies != policies {
        findings.push(format!("{name}: policies {:?}", row.policies));
    }
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"].map(|verb| format!("app_tenant {verb}"));
    // An address in the audit log may be erased, and nothing else changed: a trigger sees to it. Of a version, only how long it
    // is kept changes.
    let changeable: &[&str] = match name.as_str() {
        "audit_log" => &["ip"],
        "file_versions" => &["replaced_at", "purge_at"],
        _ => &[],
    };
    let allowed = |grant: &String| {
        verbs.contains(grant)
            || (table.platform_read && grant == "app_platform SELECT")
            || changeable.iter().any(|column| *grant == format!("app_tenant UPDATE of {column}"))
    };
    findings
        .extend(row.grants.iter().filter(|grant| !allowed(grant)).map(|grant| format!("{name}: {grant} is granted")));
    findings
}

fn of_roles(table: &Table, row: &Found) -> Vec<String> {
    let name = &row.name;
    let roles: BTreeSet<_> = row.grants.iter().filter_map(|grant| grant.split(' ').next()).map(str::to_owned).collect();
    let mut findings = Vec::new();
    if roles != table.roles.iter().cloned().collect() {
        findings.push(format!("{name}: grants for {roles:?}"));
    }
    let excessive = |grant: &&String| ["TRUNCATE", "TRIGGER", "REFERENCES"].iter().any(|verb| grant.ends_with(verb));
    findings.extend(row.grants.iter().filter(excessive).map(|grant| format!("{name}: {grant} is granted")));
    findings
}

#[derive(Debug, QueryableByName)]
struct Policy {
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    said: String,
}

/// A tenant's rows are those of the setting, and nothing else is said of them; whoever works for one tenant is bound by its id.
fn policies(conn: &mut PgConnection) -> Vec<String> {
    let rows: Vec<Policy> = diesel::sql_query(
        "SELECT polrelid::regclass::text AS relation, polname::text AS name,
                concat_ws(' ', polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid),
                          pg_get_expr(polwithcheck, polrelid)) AS said
         FROM pg_policy",
    )
    .load(conn)
    .unwrap();
    let tables = tables::all().unwrap();
    let expected = |row: &Policy| match (tables.get(&row.relation).map(|table| table.scope), row.name.as_str()) {
        (Some(Scope::Tenant), "tenant_isolation") => {
            row.said == format!("* {{app_tenant}} {OF_THE_TENANT} {OF_THE_TENANT}")
        }
        (_, "platform_read") => row.said == format!("r {{app_platform}} {OF_THE_PLATFORM}"),
        _ => !row.said.contains("app_tenant") && !row.said.contains("{-}") || row.said.contains("'app.tenant_id'"),
    };
    let wrong = rows.iter().filter(|row| !expected(row));
    wrong.map(|row| format!("policy {} of {} says {}", row.name, row.relation, row.said)).collect()
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

/// Unique indexes and foreign keys of tenant tables begin with the tenant.
fn keys(conn: &mut PgConnection) -> Vec<String> {
    let tables = tables::all().unwrap();
    let is_tenants = |name: &str| tables.get(name).is_some_and(|table| table.scope == Scope::Tenant);
    let keys: Vec<Key> = diesel::sql_query(
        "SELECT c.relname::text AS relation, i.indexrelid::regclass::text AS name, a.attname::text AS first,
                c.relname::text AS target
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indisunique
         UNION ALL
         SELECT k.conrelid::regclass::text, k.conname::text, a.attname::text, k.confrelid::regclass::text
         FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         WHERE k.contype = 'f'",
    )
    .load(conn)
    .unwrap();
    assert!(keys.len() > 25, "the query finds keys at all");
    let wrong =
        keys.iter().filter(|key| is_tenants(&key.relation) && is_tenants(&key.target) && key.first != "tenant_id");
    wrong.map(|key| format!("key {} of {} begins with {}", key.name, key.relation, key.first)).collect()
}

#[derive(Debug, QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    rule: String,
    #[diesel(sql_type = Text)]
    object: String,
}

/// An audit of the catalogue by rules of its own, for the login and for every role that it steps into: it finds only what
/// `tables.toml` names.
fn audit(conn: &mut PgConnection) -> Vec<String> {
    let tables = tables::all().unwrap();
    let mut findings = Vec::new();
    for role in ROLES {
        let audit =
            include_str!("rls_audit.sql").replace(":'app'", &format!("'{role}'")).replace(":'tcol'", "'tenant_id'");
        let audit: String = audit.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
        let found: Vec<Finding> = diesel::sql_query(audit.trim().trim_end_matches(';')).load(conn).unwrap();
        let unnamed = found.into_iter().filter(|finding| !is_named(&tables, role, finding));
        findings.extend(unnamed.map(|finding| format!("{role}: {} {}", finding.rule, finding.object)));
    }
    findings
}

fn is_named(tables: &BTreeMap<String, Table>, role: &str, finding: &Finding) -> bool {
    let table = finding.object.trim_start_matches("public.");
    match &finding.rule[..3] {
        // Tables without a tenant are listed with the roles that read them.
        "R02" => tables.get(table).is_some_and(|t| t.scope != Scope::Tenant && t.roles.iter().any(|r| r == role)),
        // One statement whose unique key app_tenant may not read; owned by smecloud_owner, whom row security binds too.
        "R10" => ["enqueue_once(", "enqueue_swept("].iter().any(|name| finding.object.starts_with(name)),
        // Time limits stand on the login role; the roles it steps into have none of their own.
        "R18" => role != "smecloud_app",
        _ => false,
    }
}

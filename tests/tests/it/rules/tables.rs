//! `tables.toml` against the migrated database.

use super::schema_checks::CHECKS;
use tests::Cluster;

fn finds_nothing(name: &str) {
    let database = Cluster::get().database();
    let (_, check) = CHECKS.iter().find(|(known, _)| *known == name).unwrap();
    let findings = check(&mut database.superuser());
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn every_table_is_listed_and_every_listed_table_exists() {
    finds_nothing("list");
}

#[test]
fn tenant_tables_have_forced_row_security_their_policies_and_no_other_grants() {
    finds_nothing("tables");
}

#[test]
fn policies_show_a_tenant_its_own_rows_and_the_platform_what_it_may_read() {
    finds_nothing("policies");
}

#[test]
fn keys_and_indexes_of_tenant_tables_begin_with_the_tenant() {
    finds_nothing("keys");
}

#[test]
fn t10_the_isolation_audit_finds_only_what_tables_toml_names() {
    finds_nothing("audit");
}

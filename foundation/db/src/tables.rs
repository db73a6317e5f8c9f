//! What is known of every table: `tables.toml`, compared with the migrated database by the rules suite.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Who sees a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The tenant of the transaction, by row-level security.
    Tenant,
    /// Only the database roles named.
    Global,
    /// Everybody.
    Public,
}

/// Where a table lives on a cluster distributed by tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Sharded by `tenant_id`.
    Distributed,
    /// Copied to every node.
    Reference,
    /// On the coordinator only.
    Coordinator,
}

/// One table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The room that alone writes it.
    pub owner: String,
    /// Who sees its rows.
    pub scope: Scope,
    /// Where it lives on a cluster.
    pub place: Place,
    /// Whether administrators may read all tenants' rows.
    #[serde(default)]
    pub platform_read: bool,
    /// Database roles with any grant, for tables that are not a tenant's.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Columns that name or describe a person.
    pub personal: Vec<String>,
    /// How long rows are kept.
    pub retention: String,
}

/// All tables by name.
pub fn all() -> Result<BTreeMap<String, Table>, toml::de::Error> {
    toml::from_str(include_str!("../tables.toml"))
}

/// The statements that spread the schema over a Citus cluster: reference tables first, then distributed ones.
pub fn cluster_statements() -> Result<Vec<String>, toml::de::Error> {
    let tables = all()?;
    let of = |place: Place| tables.iter().filter(move |(_, table)| table.place == place).map(|(name, _)| name);
    let reference = of(Place::Reference).map(|name| format!("SELECT create_reference_table('{name}');"));
    let distributed =
        of(Place::Distributed).map(|name| format!("SELECT create_distributed_table('{name}', 'tenant_id');"));
    Ok(reference.chain(distributed).collect())
}

//! The only door to PostgreSQL.
//!
//! [`Db`] hides the pool. Each of [`Db::tenant`], [`Db::platform`], [`Db::auth`], [`Db::public`] and [`Db::jobs`] runs one
//! named transaction on a blocking thread under one database role; for a tenant's, row-level security shows that tenant's
//! rows and no others. A [`TenantScope`] says for whom, and nothing else opens the door:
//!
//! - INV-D1: no connection exists outside a scoped transaction.
//! - INV-D2: role and tenant are set with `SET LOCAL`, so they end with the transaction, whatever happens to it.
//! - INV-D3: rows on a tenant's head (event and audit sequences) are written last and in tenant order, so that
//!   transactions over several tenants cannot deadlock on them.
//! - INV-D4: an answer kept under an idempotency key commits together with its effect, or not at all.

mod config;
mod door;
mod error;
pub mod idempotency;
pub mod migrate;
pub mod schema;
mod scope;
mod self_check;
pub mod tables;
mod tail;
mod tx;

pub use config::DbConfig;
pub use door::{Db, TxError};
pub use error::DbError;
pub use scope::TenantScope;
pub use self_check::SelfCheckError;
pub use tail::Tail;
pub use tx::{AuthTx, JobsTx, PlatformTx, PublicTx, TenantTx};

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
//!
//! This is how a room reads:
//!
//! ```
//! async fn count_events(db: &db::Db, scope: db::TenantScope) -> Result<i64, db::DbError> {
//!     use db::schema::events;
//!     use diesel::prelude::*;
//!     db.tenant("example.count", scope, |tx| {
//!         let tenant = tx.tenant();
//!         Ok(events::table.filter(events::tenant_id.eq(tenant)).count().get_result(tx.conn())?)
//!     })
//!     .await
//! }
//! ```
//!
//! Without a scope there is no transaction:
//!
//! ```compile_fail,E0061
//! async fn peek(db: &db::Db) -> Result<(), db::DbError> {
//!     db.tenant("example.peek", |tx| Ok(())).await
//! }
//! ```
//!
//! nor a connection:
//!
//! ```compile_fail,E0616
//! fn borrow(db: &db::Db) {
//!     let conn = db.pool.get();
//! }
//! ```
//!
//! Nobody but the door makes a transaction:
//!
//! ```compile_fail,E0624
//! fn forge(session: &mut db::PublicTx<'_>, tenant: kernel::ids::TenantId) -> db::TenantTx<'_> {
//!     db::TenantTx::of(session, tenant)
//! }
//! ```
//!
//! A scope's tenant cannot be changed after it was granted:
//!
//! ```compile_fail,E0616
//! fn redirect(scope: &mut db::TenantScope, other: kernel::ids::TenantId) {
//!     scope.tenant = other;
//! }
//! ```
//!
//! And a transaction, with its connection, does not outlive its closure:
//!
//! ```compile_fail,E0521
//! async fn keep(db: &db::Db, scope: db::TenantScope) {
//!     static KEPT: std::sync::Mutex<Option<&'static mut diesel::PgConnection>> = std::sync::Mutex::new(None);
//!     let _ = db
//!         .tenant("example.keep", scope, |tx| -> Result<(), db::DbError> {
//!             *KEPT.lock().unwrap() = Some(tx.conn());
//!             Ok(())
//!         })
//!         .await;
//! }
//! ```

pub mod base_backup;
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

pub use config::{DbConfig, with_limits};
pub use door::{Db, TxError};
pub use error::DbError;
pub use scope::TenantScope;
pub use self_check::SelfCheckError;
pub use tail::Tail;
pub use tx::{AuthTx, JobsTx, PlatformTx, PublicTx, TenantTx};

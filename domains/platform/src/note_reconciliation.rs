use crate::chain::record;
use db::{Db, DbError};
use kernel::Actor;
use serde_json::json;

/// Notes that somebody at the platform's machine has removed objects that no row knows.
pub async fn note_reconciliation(db: &Db, removed: usize) -> Result<(), DbError> {
    let note = move |tx: &mut db::PlatformTx<'_>| {
        record(tx, "storage.reconciled", "object_store", json!({ "removed": removed }))
    };
    db.platform("platform.note_reconciliation", Actor::system("storage reconcile"), note).await
}

use crate::blob::{BlobState, key};
use chrono::{DateTime, Utc};
use db::{Db, DbError, PlatformTx, schema::blobs};
use diesel::{dsl::sql, prelude::*, sql_types};
use kernel::{
    Actor,
    ids::{BlobId, Id, TenantId},
};
use std::collections::VecDeque;
use uuid::Uuid;

/// Rows read at a time.
const PAGE: i64 = 1_000;

/// A row that may have an object. Every object of the platform has one in `blobs`: files, small pictures, ends of resumable
/// uploads.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) tenant: TenantId,
    pub(super) blob: BlobId,
    pub(super) state: BlobState,
    pub(super) size: i64,
    pub(super) created_at: DateTime<Utc>,
}

type Columns = (TenantId, BlobId, BlobState, i64, DateTime<Utc>);

impl From<Columns> for Row {
    fn from((tenant, blob, state, size, created_at): Columns) -> Self {
        Self { key: key(tenant, blob), tenant, blob, state, size, created_at }
    }
}

/// All rows whose objects are not deleted, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Rows {
    page: VecDeque<Row>,
    after: Option<(Uuid, Uuid)>,
    ended: bool,
}

impl Rows {
    /// The next row, which stays.
    pub(super) async fn peek(&mut self, db: &Db, actor: &Actor) -> Result<Option<&Row>, DbError> {
        if self.page.is_empty() && !self.ended {
            let after = self.after;
            let rows = db.platform("files.reconcile", actor.clone(), move |tx| page(tx, after)).await?;
            self.ended = i64::try_from(rows.len()).unwrap_or_default() < PAGE;
            self.after = rows.last().map(|row| (row.tenant.uuid(), row.blob.uuid()));
            self.page = rows.into();
        }
        Ok(self.page.front())
    }

    /// Takes the next row.
    pub(super) fn pop(&mut self) -> Option<Row> {
        self.page.pop_front()
    }
}

/// A key's text sorts as its ids do: both have the same hexadecimal digits in the same places.
fn page(tx: &mut PlatformTx<'_>, after: Option<(Uuid, Uuid)>) -> Result<Vec<Row>, DbError> {
    let (tenant, blob) = after.unwrap_or_default();
    let further = sql::<sql_types::Bool>("(tenant_id, id) > (")
        .bind::<sql_types::Uuid, _>(tenant)
        .sql(", ")
        .bind::<sql_types::Uuid, _>(blob)
        .sql(")");
    let rows: Vec<Columns> = blobs::table
        .filter(further)
        .filter(blobs::state.ne(BlobState::Gone))
        .order((blobs::tenant_id, blobs::id))
        .limit(PAGE)
        .select((blobs::tenant_id, blobs::id, blobs::state, blobs::size_bytes, blobs::created_at))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(Row::from).collect())
}

/// A row as it is now.
pub(super) fn find(tx: &mut PlatformTx<'_>, tenant: TenantId, blob: BlobId) -> Result<Option<Row>, DbError> {
    let row: Option<Columns> = blobs::table
        .filter(blobs::tenant_id.eq(tenant))
        .filter(blobs::id.eq(blob))
        .select((blobs::tenant_id, blobs::id, blobs::state, blobs::size_bytes, blobs::created_at))
        .first(tx.conn())
        .optional()?;
    Ok(row.map(Row::from))
}

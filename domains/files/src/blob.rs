//! Rows of stored bytes.

use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::blobs};
use diesel::prelude::*;
use kernel::{
    ids::{BlobId, Id, TenantId},
    text_enum,
};

text_enum! {
    /// How far a blob's life has come.
    pub(crate) enum BlobState {
        /// Being uploaded.
        Pending = "pending",
        /// Shown by a version.
        Live = "live",
        /// To be deleted by the worker.
        Doomed = "doomed",
        /// Deleted.
        Gone = "gone",
    }
}

/// The object's key: nothing of it comes from a name.
pub(crate) fn key(tenant: TenantId, blob: BlobId) -> String {
    format!("/{}/{}", tenant.uuid().simple(), blob.uuid().simple())
}

/// Whose object has this key, which may or may not begin with a slash.
pub(crate) fn of_key(key: &str) -> Option<(TenantId, BlobId)> {
    let (tenant, blob) = key.trim_start_matches('/').split_once('/')?;
    let id = |text: &str| uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == 32);
    Some((TenantId::from_uuid(id(tenant)?), BlobId::from_uuid(id(blob)?)))
}

/// A new pending blob with its first reservation.
pub(crate) fn insert_pending(
    tx: &mut TenantTx<'_>,
    reserved: i64,
    expires_at: DateTime<Utc>,
) -> Result<BlobId, DbError> {
    let id: BlobId = tx.new_id();
    diesel::insert_into(blobs::table)
        .values((
            blobs::id.eq(id),
            blobs::state.eq(BlobState::Pending),
            blobs::reserved_bytes.eq(reserved),
            blobs::created_at.eq(tx.now()),
            blobs::expires_at.eq(expires_at),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// The reservation of a blob that is still pending, its row locked; `None` if it was given up meanwhile.
pub(crate) fn lock_pending(tx: &mut TenantTx<'_>, id: BlobId) -> Result<Option<i64>, DbError> {
    Ok(blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(id))
        .filter(blobs::state.eq(BlobState::Pending))
        .select(blobs::reserved_bytes)
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Notes a larger reservation.
pub(crate) fn set_reserved(tx: &mut TenantTx<'_>, id: BlobId, reserved: i64) -> Result<(), DbError> {
    diesel::update(blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(id)))
        .set(blobs::reserved_bytes.eq(reserved))
        .execute(tx.conn())?;
    Ok(())
}

/// Moves the room that one pending blob holds to another.
pub(crate) fn pass_reservation(tx: &mut TenantTx<'_>, from: BlobId, to: BlobId) -> Result<Option<i64>, DbError> {
    let Some(reserved) = lock_pending(tx, from)? else { return Ok(None) };
    set_reserved(tx, from, 0)?;
    set_reserved(tx, to, reserved)?;
    Ok(Some(reserved))
}

/// Leaves a pending blob to the sweeper, not before `until`.
pub(crate) fn leave_until(tx: &mut TenantTx<'_>, id: BlobId, until: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(
        blobs::table
            .filter(blobs::tenant_id.eq(tx.tenant()))
            .filter(blobs::id.eq(id))
            .filter(blobs::state.eq(BlobState::Pending)),
    )
    .set(blobs::expires_at.eq(until))
    .execute(tx.conn())?;
    Ok(())
}

/// pending -> live.
pub(crate) fn set_live(tx: &mut TenantTx<'_>, id: BlobId, size: i64, sha256: &[u8]) -> Result<(), DbError> {
    diesel::update(blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(id)))
        .set((
            blobs::state.eq(BlobState::Live),
            blobs::size_bytes.eq(size),
            blobs::reserved_bytes.eq(0),
            blobs::sha256.eq(sha256),
            blobs::expires_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A live blob of the tenant with these very bytes, locked.
pub(crate) fn lock_same(tx: &mut TenantTx<'_>, sha256: &[u8], size: i64) -> Result<Option<BlobId>, DbError> {
    Ok(blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::sha256.eq(sha256))
        .filter(blobs::size_bytes.eq(size))
        .filter(blobs::state.eq(BlobState::Live))
        .filter(blobs::derived.eq(false))
        .select(blobs::id)
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// One more row shows a live blob. False if it is not live any more.
pub(crate) fn add_ref(tx: &mut TenantTx<'_>, id: BlobId) -> Result<bool, DbError> {
    let live = blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(id))
        .filter(blobs::state.eq(BlobState::Live));
    Ok(diesel::update(live).set(blobs::refs.eq(blobs::refs + 1)).execute(tx.conn())? == 1)
}

/// One row less shows a live blob; with the last it is doomed. Whether it was the last.
pub(crate) fn drop_ref(tx: &mut TenantTx<'_>, id: BlobId) -> Result<bool, DbError> {
    let row = blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(id));
    let live = row.filter(blobs::state.eq(BlobState::Live));
    let refs: i64 = live.select(blobs::refs).for_update().first(tx.conn())?;
    let state = if refs > 1 { BlobState::Live } else { BlobState::Doomed };
    diesel::update(row).set((blobs::refs.eq(refs - 1), blobs::state.eq(state))).execute(tx.conn())?;
    Ok(refs == 1)
}

/// pending -> doomed.
pub(crate) fn doom(tx: &mut TenantTx<'_>, id: BlobId) -> Result<(), DbError> {
    diesel::update(blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(id)))
        .set((
            blobs::state.eq(BlobState::Doomed),
            blobs::refs.eq(0),
            blobs::reserved_bytes.eq(0),
            blobs::expires_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// gone -> doomed: an upload that was given up has stored its object after all. False if the blob is not gone.
pub(crate) fn doom_again(tx: &mut TenantTx<'_>, id: BlobId) -> Result<bool, DbError> {
    let gone = blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(id))
        .filter(blobs::state.eq(BlobState::Gone));
    Ok(diesel::update(gone).set(blobs::state.eq(BlobState::Doomed)).execute(tx.conn())? == 1)
}

/// Doomed blobs, oldest first.
pub(crate) fn doomed(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<BlobId>, DbError> {
    Ok(blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::state.eq(BlobState::Doomed))
        .order(blobs::created_at)
        .limit(limit)
        .select(blobs::id)
        .load(tx.conn())?)
}

/// doomed -> gone.
pub(crate) fn set_gone(tx: &mut TenantTx<'_>, id: BlobId) -> Result<(), DbError> {
    diesel::update(
        blobs::table
            .filter(blobs::tenant_id.eq(tx.tenant()))
            .filter(blobs::id.eq(id))
            .filter(blobs::state.eq(BlobState::Doomed)),
    )
    .set(blobs::state.eq(BlobState::Gone))
    .execute(tx.conn())?;
    Ok(())
}

/// Pending blobs whose time is over.
pub(crate) fn expired(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<BlobId>, DbError> {
    let now = tx.now();
    Ok(blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::state.eq(BlobState::Pending))
        .filter(blobs::expires_at.le(now))
        .order(blobs::expires_at)
        .limit(limit)
        .select(blobs::id)
        .load(tx.conn())?)
}

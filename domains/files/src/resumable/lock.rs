//! One request writes at a time.

use super::{
    AppendError,
    row::{Row, lock, of_upload},
};
use crate::{UploadError, uploads::UploadState};
use chrono::Duration;
use db::{Db, DbError, TenantScope, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::ids::UploadId;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

/// Without a word of its holder, the lock is free after this.
const LEASE: Duration = Duration::seconds(30);
/// How often the holder says that it lives.
const WORD_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// Takes the lock for a request that goes on at `offset`.
pub(super) fn take(tx: &mut TenantTx<'_>, id: UploadId, holder: Uuid, offset: i64) -> Result<Row, AppendError> {
    let row = lock(tx, id)?;
    let now = tx.now();
    match row.state {
        UploadState::GivenUp => return Err(UploadError::Ended.into()),
        UploadState::Open if row.expires_at <= now => return Err(UploadError::Ended.into()),
        // The lock is not needed any more, and the offset tells that nothing is.
        UploadState::Sealed | UploadState::Done => {
            return if row.offset_bytes == offset { Ok(row) } else { Err(stands_at(&row)) };
        }
        UploadState::Open => {}
    }
    if row.lock_id.is_some_and(|other| other != holder) && row.locked_until.is_some_and(|until| until > now) {
        return Err(AppendError::Locked);
    }
    if row.offset_bytes != offset {
        return Err(stands_at(&row));
    }
    diesel::update(of_upload!(tx, id))
        .set((uploads::lock_id.eq(holder), uploads::locked_until.eq(now + LEASE)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    Ok(row)
}

const fn stands_at(row: &Row) -> AppendError {
    AppendError::Offset { offset: row.offset_bytes }
}

/// The upload's row locked, if the holder still has the lock.
pub(super) fn held(tx: &mut TenantTx<'_>, id: UploadId, holder: Uuid) -> Result<Row, AppendError> {
    let row = lock(tx, id)?;
    if row.state != UploadState::Open {
        return Err(UploadError::Ended.into());
    }
    if row.lock_id == Some(holder) { Ok(row) } else { Err(AppendError::Locked) }
}

/// Says that the holder lives. False if it has the lock no more, though the upload is still written to: once all bytes are safe
/// nobody needs it, and the holder may take its time to show the file.
fn prolong(tx: &mut TenantTx<'_>, id: UploadId, holder: Uuid) -> Result<bool, DbError> {
    let until = tx.now() + LEASE;
    let held = of_upload!(tx, id).filter(uploads::lock_id.eq(holder));
    if diesel::update(held).set(uploads::locked_until.eq(until)).execute(tx.conn())? == 1 {
        return Ok(true);
    }
    let open = of_upload!(tx, id).filter(uploads::state.eq(UploadState::Open));
    Ok(!diesel::select(diesel::dsl::exists(open)).get_result::<bool>(tx.conn())?)
}

/// Gives the lock back, if the holder has it.
pub(super) fn free(tx: &mut TenantTx<'_>, id: UploadId, holder: Uuid) -> Result<(), DbError> {
    let held = of_upload!(tx, id).filter(uploads::lock_id.eq(holder));
    diesel::update(held)
        .set((uploads::lock_id.eq(None::<Uuid>), uploads::locked_until.eq(None::<chrono::DateTime<chrono::Utc>>)))
        .execute(tx.conn())?;
    Ok(())
}

/// Says again and again that the holder lives, until dropped; the token tells that the lock is lost.
pub(super) fn keep(db: &Db, scope: &TenantScope, id: UploadId, holder: Uuid) -> (CancellationToken, impl Drop + use<>) {
    let (lost, db, scope) = (CancellationToken::new(), db.clone(), scope.clone());
    let tell = lost.clone();
    let task = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(WORD_EVERY);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let held = db.tenant("files.prolong_lock", scope.clone(), move |tx| prolong(tx, id, holder)).await;
            if matches!(held, Ok(false)) {
                tell.cancel();
                return;
            }
        }
    });
    (lost, AbortOnDropHandle::new(task))
}

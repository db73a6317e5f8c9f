//! What a sender has to send where.

use super::{
    DirectUpload,
    row::{UploadRow, UploadState, find_direct},
};
use crate::{
    ObjectStore, UploadError,
    blob::key,
    parts::Unjoined,
    signed::{PutTerms, SignedPut},
};
use chrono::{DateTime, Duration, Utc};
use db::{Db, DbError, TenantScope, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::ids::UploadId;

/// How long a signed address serves.
pub(crate) const SIGNED_FOR: Duration = Duration::minutes(15);

/// An upload, and as long as it is open, the requests that bring its bytes.
#[derive(Debug, Clone)]
pub struct Instructions {
    /// The upload.
    pub upload: DirectUpload,
    /// The one PUT, for a file that comes at once.
    pub put: Option<SignedPut>,
    /// The PUTs of the parts, for one that does not.
    pub parts: Vec<SignedPart>,
    /// When the addresses stop to serve; new ones can be asked for.
    pub until: Option<DateTime<Utc>>,
}

/// The PUT of one part.
#[derive(Debug, Clone)]
pub struct SignedPart {
    /// Its number, from 1.
    pub number: u32,
    /// Its bytes.
    pub size_bytes: i64,
    /// The request.
    pub put: SignedPut,
}

/// What is to be sent where, with addresses that serve from now on.
pub async fn upload_instructions(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    bucket: &str,
    id: UploadId,
) -> Result<Instructions, UploadError> {
    let (wanted, now) = (bucket.to_owned(), db.clock().now());
    let row = db.tenant("files.find_upload", scope.clone(), move |tx| find_direct(tx, &wanted, id)).await?;
    let life = (row.expires_at - now).min(SIGNED_FOR);
    let seconds = u32::try_from(life.num_seconds()).unwrap_or_default();
    if row.state != UploadState::Open || seconds == 0 {
        return Ok(Instructions { upload: row.into(), put: None, parts: Vec::new(), until: None });
    }
    let key = key(scope.tenant(), row.blob_id);
    let until = Some(now + life);
    if row.part_bytes.is_none() {
        let terms = PutTerms {
            size: row.size()?,
            content_type: row.content_type.as_deref(),
            sha256: row.sha256.as_deref(),
            part: None,
            seconds,
        };
        let put = Some(store.sign_put(&key, &terms).await.map_err(UploadError::Store)?);
        return Ok(Instructions { upload: row.into(), put, parts: Vec::new(), until });
    }
    let store_id = begun(db, store, scope, &row).await?;
    let parts = sign_parts(store, &key, &row, (&store_id, seconds)).await?;
    Ok(Instructions { upload: row.into(), put: None, parts, until })
}

/// The numbers and sizes of an upload's parts.
pub(super) fn layout(size: i64, part: i64) -> impl Iterator<Item = (u32, i64)> {
    let starts = (0..).map(move |index| index * part).take_while(move |start| *start < size);
    (1..).zip(starts.map(move |start| part.min(size - start)))
}

async fn sign_parts(
    store: &ObjectStore,
    key: &str,
    row: &UploadRow,
    (store_id, seconds): (&str, u32),
) -> Result<Vec<SignedPart>, UploadError> {
    let mut parts = Vec::new();
    for (number, size) in layout(row.size()?, row.part_bytes.unwrap_or(i64::MAX)) {
        let terms = PutTerms { size, content_type: None, sha256: None, part: Some((store_id, number)), seconds };
        let put = store.sign_put(key, &terms).await.map_err(UploadError::Store)?;
        parts.push(SignedPart { number, size_bytes: size, put });
    }
    Ok(parts)
}

/// The store's id of an upload in parts, which is begun there if nobody did yet. Of two at once, one gives up its own.
async fn begun(db: &Db, store: &ObjectStore, scope: &TenantScope, row: &UploadRow) -> Result<String, UploadError> {
    if let Some(known) = &row.store_upload_id {
        return Ok(known.clone());
    }
    let (id, key) = (row.id, key(scope.tenant(), row.blob_id));
    let ours = store.begin_parts(&key).await.map_err(UploadError::Store)?;
    let wanted = ours.clone();
    let kept = db
        .tenant("files.note_store_upload", scope.clone(), move |tx| note_store_id(tx, id, &wanted))
        .await?
        .ok_or(UploadError::Ended)?;
    if kept != ours {
        // Left there, it would be found by the sweeper.
        let _ = store.abort_parts(&Unjoined { key, id: ours }).await;
    }
    Ok(kept)
}

/// Notes the store's id unless there is one; the one that stands, or none if the upload has ended.
pub(crate) fn note_store_id(tx: &mut TenantTx<'_>, id: UploadId, store_id: &str) -> Result<Option<String>, DbError> {
    let open = uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::id.eq(id))
        .filter(uploads::state.eq(UploadState::Open));
    diesel::update(open.filter(uploads::store_upload_id.is_null()))
        .set(uploads::store_upload_id.eq(store_id))
        .execute(tx.conn())?;
    let open = uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::id.eq(id))
        .filter(uploads::state.eq(UploadState::Open));
    let kept: Option<Option<String>> = open.select(uploads::store_upload_id).first(tx.conn()).optional()?;
    Ok(kept.flatten())
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn parts_add_up_and_only_the_last_is_smaller() {
        for (size, expected) in [(10, vec![(1, 4), (2, 4), (3, 2)]), (8, vec![(1, 4), (2, 4)]), (1, vec![(1, 1)])] {
            assert_eq!(layout(size, 4).collect::<Vec<_>>(), expected, "{size}");
        }
    }
}

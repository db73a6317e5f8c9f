//! The end of a presigned upload: what lies in the store is compared with what was declared, and only then shown.
//!
//! The address of a single upload goes on serving for some minutes, so the object behind it may change at any moment. It is
//! therefore copied first, to a key that no address was ever signed for, and the copy is what is checked and shown. An upload
//! in parts ends when its parts are joined: nothing can be written to it afterwards. Each attempt has a copy of its own, and
//! the last transaction decides which one stands.

use super::{
    instructions::{SIGNED_FOR, layout},
    row::{UploadRow, UploadState, lock_direct, set_done, set_given_up},
};
use crate::{
    File, ObjectStore, ObjectStoreError, UploadError, Uploaded,
    blob::{insert_pending, key, leave_until, pass_reservation},
    file::find,
    measure::{Measured, measured},
    upload::{Arrived, abort, finish},
};
use chrono::Duration;
use db::{Db, DbError, TenantScope, TenantTx};
use kernel::ids::{BlobId, UploadId};

/// How long an attempt may take before its copy is taken away.
const ATTEMPT: Duration = Duration::hours(6);
/// Clocks of ours and of the store may differ by this.
pub(super) const SKEW: Duration = Duration::minutes(15);

/// What an attempt begins with.
enum Claim {
    /// The upload, and the blob whose object is to be checked.
    Open(UploadRow, BlobId),
    Done(File),
}

/// Shows the file, if what was declared is there. Safe to repeat.
pub async fn complete_upload(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    bucket: &str,
    id: UploadId,
) -> Result<Uploaded, UploadError> {
    let wanted = bucket.to_owned();
    let claim = db.tenant("files.claim_upload", scope.clone(), move |tx| claim(tx, &wanted, id)).await?;
    let (row, blob) = match claim {
        Claim::Open(row, blob) => (row, blob),
        Claim::Done(file) => return Ok(Uploaded { file, created: false }),
    };
    let (bucket, checked) = (bucket.to_owned(), check(store, scope, &row, blob).await);
    let (copied, to_scan) = (blob != row.blob_id, store.scanner().is_some());
    let result = match checked {
        Ok(found) => {
            let work = move |tx: &mut TenantTx<'_>| show(tx, (&bucket, id), blob, (&found, to_scan));
            db.tenant("files.complete_upload", scope.clone(), work).await
        }
        Err(error) => Err(error),
    };
    let unknown = matches!(&result, Err(UploadError::Db(DbError::CommitUnknown(_))));
    if let Err(error) = &result
        && !unknown
    {
        // Parts that are joined to something else than was declared cannot be mended.
        let lost = !copied && is_final(error);
        let undo = move |tx: &mut TenantTx<'_>| undo(tx, id, (copied || lost).then_some(blob), lost);
        // What cannot be given back now is given back by the sweeper.
        let _ = db.tenant("files.undo_completion", scope.clone(), undo).await;
    }
    result
}

/// Whether the same bytes will be refused again.
const fn is_final(error: &UploadError) -> bool {
    use UploadError::{Checksum, TypeContradicted, TypeNotAllowed};
    matches!(error, Checksum | TypeNotAllowed { .. } | TypeContradicted { .. })
}

fn claim(tx: &mut TenantTx<'_>, bucket: &str, id: UploadId) -> Result<Claim, UploadError> {
    let row = lock_direct(tx, bucket, id)?;
    let now = tx.now();
    match (row.state, row.file_id) {
        (UploadState::Done, Some(file)) => find(tx, file)?.map(Claim::Done).ok_or(UploadError::Ended),
        (UploadState::Open, _) if row.expires_at > now => {
            let blob = if row.part_bytes.is_some() { row.blob_id } else { insert_pending(tx, 0, now + ATTEMPT)? };
            Ok(Claim::Open(row, blob))
        }
        _ => Err(UploadError::Ended),
    }
}

/// Brings the object under the key of `blob`, where nobody can change it, and compares it with what was declared.
async fn check(
    store: &ObjectStore,
    scope: &TenantScope,
    row: &UploadRow,
    blob: BlobId,
) -> Result<Measured, UploadError> {
    let declared = row.size()?;
    let target = key(scope.tenant(), blob);
    if row.part_bytes.is_some() {
        join(store, &target, row).await?;
    } else {
        let source = key(scope.tenant(), row.blob_id);
        store.copy(&source, &target).await.map_err(absent)?;
    }
    if store.size(&target).await.map_err(UploadError::Store)? != Some(declared) {
        return Err(UploadError::NotWhole);
    }
    let found = measured(store, &target).await.map_err(UploadError::Store)?;
    if found.size != declared {
        return Err(UploadError::NotWhole);
    }
    if row.sha256.as_ref().is_some_and(|wanted| *wanted != found.sha256) {
        return Err(UploadError::Checksum);
    }
    Ok(found)
}

/// Joins the parts, if all are there in the sizes that were asked for.
async fn join(store: &ObjectStore, key: &str, row: &UploadRow) -> Result<(), UploadError> {
    let Some(store_id) = &row.store_upload_id else { return Err(UploadError::NotWhole) };
    let listed = match store.list_parts(key, store_id).await {
        Ok(listed) => listed,
        // Joined before, by an attempt that came no further.
        Err(ObjectStoreError::Missing) => Vec::new(),
        Err(error) => return Err(UploadError::Store(error)),
    };
    if listed.is_empty() && store.size(key).await.map_err(UploadError::Store)?.is_some() {
        return Ok(());
    }
    let wanted: Vec<_> = layout(row.size()?, row.part_bytes.unwrap_or(i64::MAX)).collect();
    let found: Vec<_> = listed.iter().map(|part| (part.number, part.size)).collect();
    if wanted != found {
        return Err(UploadError::NotWhole);
    }
    let parts = listed.into_iter().map(|part| (part.number, part.etag)).collect();
    store.join_parts(key, store_id, parts).await.map_err(absent)
}

fn absent(error: ObjectStoreError) -> UploadError {
    match error {
        ObjectStoreError::Missing | ObjectStoreError::Refused => UploadError::NotWhole,
        error => UploadError::Store(error),
    }
}

/// The transaction that decides: of two attempts, the second finds the upload done.
fn show(
    tx: &mut TenantTx<'_>,
    (bucket, id): (&str, UploadId),
    blob: BlobId,
    (found, to_scan): (&Measured, bool),
) -> Result<Uploaded, UploadError> {
    let row = lock_direct(tx, bucket, id)?;
    let copied = blob != row.blob_id;
    if let (UploadState::Done, Some(file)) = (row.state, row.file_id) {
        if copied {
            abort(tx, blob)?;
        }
        let file = find(tx, file)?.ok_or(UploadError::Ended)?;
        return Ok(Uploaded { file, created: false });
    }
    if row.state != UploadState::Open {
        return Err(UploadError::Ended);
    }
    if copied {
        pass_reservation(tx, row.blob_id, blob)?.ok_or(UploadError::Ended)?;
        let until = tx.now() + SIGNED_FOR + SKEW;
        leave_until(tx, row.blob_id, until)?;
    }
    let pending = row.pending(tx, blob)?;
    let content_type = pending.content_type(found.content_type())?;
    let arrived = Arrived { size: found.size, sha256: found.sha256, content_type, to_scan };
    let uploaded = finish(tx, &pending, &arrived)?;
    set_done(tx, id, uploaded.file.id)?;
    Ok(uploaded)
}

/// Takes the copy of an attempt away; if the upload is lost with it, gives it up.
fn undo(tx: &mut TenantTx<'_>, id: UploadId, blob: Option<BlobId>, lost: bool) -> Result<(), DbError> {
    if lost {
        set_given_up(tx, id)?;
    }
    blob.map_or(Ok(()), |blob| abort(tx, blob))
}

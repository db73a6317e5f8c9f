//! Rows of small pictures: expected with the version, made by the worker, gone with the bytes they were made from.
//!
//! ```text
//! waiting --made--> made        its object is a blob of its own: pending -> live -> doomed -> gone
//!     \--no picture, or too large--> failed
//! ```

use crate::{
    DeleteDoomedObjects, DrawThumbnails, File, FileError, Readable, Scan,
    blob::{BlobState, doom, doom_again, insert_pending, lock_pending},
    picture::{Drawn, Preset, is_picture},
    readable,
};
use chrono::{DateTime, Duration, Utc};
use db::{
    DbError, TenantTx,
    schema::{blobs, file_derivatives},
};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{ids::BlobId, text_enum};
use sha2::{Digest, Sha256};

/// How long the worker may take from the first byte of a small picture's object to the last.
const EXPIRY: Duration = Duration::hours(24);

text_enum! {
    /// How far a small picture has come.
    pub(crate) enum DerivativeState {
        /// To be made.
        Waiting = "waiting",
        /// There.
        Made = "made",
        /// Will never be.
        Failed = "failed",
    }
}

/// A small picture that is there.
#[derive(Debug, Clone)]
pub struct Thumbnail {
    /// The way to its bytes.
    pub readable: Readable,
    /// Media type.
    pub content_type: String,
    /// Size in bytes.
    pub size_bytes: i64,
    sha256: Vec<u8>,
}

impl Thumbnail {
    /// A strong validator of the content, in quotes.
    pub fn etag(&self) -> String {
        format!("\"{}\"", hex::encode(&self.sha256))
    }
}

/// Why there is no small picture.
#[derive(Debug, thiserror::Error)]
pub enum ThumbnailError {
    /// The file is no picture, or none that can be made smaller.
    #[error("the file has no small picture")]
    None,
    /// The worker has not made it yet.
    #[error("the small picture is not made yet")]
    NotYet,
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<DbError> for ThumbnailError {
    fn from(error: DbError) -> Self {
        Self::File(error.into())
    }
}

/// Expects small pictures of what a version shows, if it is a picture; nothing new, if they are expected or there.
pub(crate) fn expect(tx: &mut TenantTx<'_>, blob: BlobId, content_type: &str) -> Result<(), DbError> {
    if !is_picture(content_type) {
        return Ok(());
    }
    let now = tx.now();
    let row = |preset: &Preset| {
        (
            file_derivatives::blob_id.eq(blob),
            file_derivatives::preset.eq(*preset),
            file_derivatives::state.eq(DerivativeState::Waiting),
            file_derivatives::created_at.eq(now),
        )
    };
    let rows: Vec<_> = Preset::ALL.iter().map(row).collect();
    let new = diesel::insert_into(file_derivatives::table).values(rows).on_conflict_do_nothing().execute(tx.conn())?;
    if new > 0 { tx.enqueue_once(&DrawThumbnails { blob }, blob, now) } else { Ok(()) }
}

/// Leaves it to the worker to make the small pictures that are expected of a blob.
pub(crate) fn begin(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<(), DbError> {
    if waiting(tx, blob)?.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    tx.enqueue_once(&DrawThumbnails { blob }, blob, now)
}

/// Looks for a file's small picture.
pub fn thumbnail(tx: &mut TenantTx<'_>, file: &File, preset: Preset) -> Result<Thumbnail, ThumbnailError> {
    readable(tx, file)?.map_err(FileError::from)?;
    match find(tx, file.blob_id, preset)? {
        None | Some((DerivativeState::Failed, ..)) => Err(ThumbnailError::None),
        Some((DerivativeState::Made, Some(object), Some(content_type), Some(size_bytes), Some(sha256))) => {
            let readable = Readable::new(tx.tenant(), object);
            Ok(Thumbnail { readable, content_type, size_bytes, sha256 })
        }
        Some(_) => Err(ThumbnailError::NotYet),
    }
}

type Found = (DerivativeState, Option<BlobId>, Option<String>, Option<i64>, Option<Vec<u8>>);

fn find(tx: &mut TenantTx<'_>, blob: BlobId, preset: Preset) -> Result<Option<Found>, DbError> {
    Ok(file_derivatives::table
        .filter(file_derivatives::tenant_id.eq(tx.tenant()))
        .filter(file_derivatives::blob_id.eq(blob))
        .filter(file_derivatives::preset.eq(preset))
        .select((
            file_derivatives::state,
            file_derivatives::object_id,
            file_derivatives::content_type,
            file_derivatives::size_bytes,
            file_derivatives::sha256,
        ))
        .first(tx.conn())
        .optional()?)
}

/// How many bytes the picture has of which small ones are still to be made; `None` if there is nothing to do.
pub(crate) fn source(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Option<i64>, DbError> {
    if waiting(tx, blob)?.is_empty() {
        return Ok(None);
    }
    lock_source(tx, blob)
}

/// The pending blobs that are to hold the small pictures: those of an attempt before, unless they were given up.
pub(crate) fn reserve_objects(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Vec<(Preset, BlobId)>, DbError> {
    if lock_source(tx, blob)?.is_none() {
        return Ok(Vec::new());
    }
    let mut objects = Vec::new();
    for (preset, earlier) in waiting(tx, blob)? {
        let usable = match earlier {
            Some(object) => lock_pending(tx, object)?.map(|_| object),
            None => None,
        };
        let object = usable.map_or_else(|| new_object(tx, blob, preset), Ok)?;
        objects.push((preset, object));
    }
    Ok(objects)
}

/// Shows the small pictures whose objects are whole. If the picture itself is gone meanwhile, so are they.
pub(crate) fn attach(tx: &mut TenantTx<'_>, blob: BlobId, made: &[(BlobId, Drawn)]) -> Result<(), DbError> {
    if lock_source(tx, blob)?.is_none() {
        for (object, _) in made {
            doom_object(tx, *object)?;
        }
        return tx.enqueue(&DeleteDoomedObjects {});
    }
    for (object, drawn) in made {
        if lock_pending(tx, *object)?.is_none() {
            // It was given up; the object that came after all goes too, and the next attempt makes another.
            doom_object(tx, *object)?;
            tx.enqueue(&DeleteDoomedObjects {})?;
            continue;
        }
        show(tx, blob, *object, drawn)?;
    }
    Ok(())
}

/// No small picture will ever be made of this blob.
pub(crate) fn fail(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<(), DbError> {
    diesel::update(
        file_derivatives::table
            .filter(file_derivatives::tenant_id.eq(tx.tenant()))
            .filter(file_derivatives::blob_id.eq(blob))
            .filter(file_derivatives::state.eq(DerivativeState::Waiting)),
    )
    .set(file_derivatives::state.eq(DerivativeState::Failed))
    .execute(tx.conn())?;
    Ok(())
}

/// Forgets the small pictures of a blob whose object is deleted; their own objects are doomed.
pub(crate) fn forget(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<(), DbError> {
    let objects: Vec<Option<BlobId>> = diesel::delete(
        file_derivatives::table
            .filter(file_derivatives::tenant_id.eq(tx.tenant()))
            .filter(file_derivatives::blob_id.eq(blob)),
    )
    .returning(file_derivatives::object_id)
    .get_results(tx.conn())?;
    objects.into_iter().flatten().try_for_each(|object| doom_object(tx, object))
}

/// Presets still to be made, with the blobs that were to hold them.
fn waiting(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Vec<(Preset, Option<BlobId>)>, DbError> {
    Ok(file_derivatives::table
        .filter(file_derivatives::tenant_id.eq(tx.tenant()))
        .filter(file_derivatives::blob_id.eq(blob))
        .filter(file_derivatives::state.eq(DerivativeState::Waiting))
        .order(file_derivatives::preset)
        .select((file_derivatives::preset, file_derivatives::object_id))
        .load(tx.conn())?)
}

/// The size of a blob that is there and in no quarantine, its row locked: it is not deleted before this transaction ends.
fn lock_source(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Option<i64>, DbError> {
    let live = blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(blob))
        .filter(blobs::state.eq(BlobState::Live))
        .filter(blobs::scan.is_null().or(blobs::scan.eq(Scan::Clean)));
    Ok(live.select(blobs::size_bytes).for_update().first(tx.conn()).optional()?)
}

fn new_object(tx: &mut TenantTx<'_>, blob: BlobId, preset: Preset) -> Result<BlobId, DbError> {
    let expires_at = tx.now() + EXPIRY;
    let object = insert_pending(tx, 0, expires_at)?;
    diesel::update(blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(object)))
        .set(blobs::derived.eq(true))
        .execute(tx.conn())?;
    diesel::update(
        file_derivatives::table
            .filter(file_derivatives::tenant_id.eq(tx.tenant()))
            .filter(file_derivatives::blob_id.eq(blob))
            .filter(file_derivatives::preset.eq(preset)),
    )
    .set(file_derivatives::object_id.eq(object))
    .execute(tx.conn())?;
    Ok(object)
}

/// pending -> live, and waiting -> made. Without a digest of its own in `blobs`, no upload of the same bytes ever shares it.
fn show(tx: &mut TenantTx<'_>, blob: BlobId, object: BlobId, drawn: &Drawn) -> Result<(), DbError> {
    let size = i64::try_from(drawn.bytes.len()).map_err(|e| DbError::Corrupt(e.to_string()))?;
    diesel::update(blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(object)))
        .set((
            blobs::state.eq(BlobState::Live),
            blobs::size_bytes.eq(size),
            blobs::expires_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())?;
    diesel::update(
        file_derivatives::table
            .filter(file_derivatives::tenant_id.eq(tx.tenant()))
            .filter(file_derivatives::blob_id.eq(blob))
            .filter(file_derivatives::object_id.eq(object)),
    )
    .set((
        file_derivatives::state.eq(DerivativeState::Made),
        file_derivatives::content_type.eq(drawn.content_type),
        file_derivatives::width.eq(drawn.width),
        file_derivatives::height.eq(drawn.height),
        file_derivatives::size_bytes.eq(size),
        file_derivatives::sha256.eq(Sha256::digest(&drawn.bytes).to_vec()),
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Whatever an object's blob has come to, the worker deletes the object.
fn doom_object(tx: &mut TenantTx<'_>, object: BlobId) -> Result<(), DbError> {
    if !doom_again(tx, object)? {
        doom(tx, object)?;
    }
    Ok(())
}

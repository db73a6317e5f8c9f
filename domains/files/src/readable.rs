//! The one gate before the bytes of files.

use crate::{File, blob::key};
use db::{DbError, TenantTx, schema::blobs};
use diesel::prelude::*;
use kernel::{
    ids::{BlobId, TenantId},
    text_enum,
};

text_enum! {
    /// What the virus scanner says of a file's bytes.
    pub enum Scan {
        /// Nothing yet: nobody may read them.
        Pending = "pending",
        /// Nothing found.
        Clean = "clean",
        /// A virus: nobody may read them.
        Infected = "infected",
        /// More bytes than it looks through: nobody may read them.
        TooLarge = "too_large",
    }
}

/// The right to read a file's bytes, and the only way to [`crate::ObjectStore::stream`].
#[derive(Debug, Clone)]
pub struct Readable {
    key: String,
    /// What the bytes must have.
    sha256: Option<Vec<u8>>,
}

impl Readable {
    pub(crate) fn new(tenant: TenantId, blob: BlobId) -> Self {
        Self { key: key(tenant, blob), sha256: None }
    }

    fn of(self, sha256: Option<Vec<u8>>) -> Self {
        Self { sha256, ..self }
    }

    /// The SHA-256 of the bytes, where it is known.
    pub(crate) fn sha256(&self) -> Option<&[u8]> {
        self.sha256.as_deref()
    }

    /// The object's key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// Why nobody may read a file now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReadable {
    /// The virus scanner has not looked at it yet.
    #[error("the file is being scanned")]
    BeingScanned,
    /// The scanner has found a virus in it, or cannot look through it.
    #[error("the file is in quarantine")]
    Quarantined,
}

/// Whether a file's bytes may be read: whoever hands them out, as they are or made into something else, asks here first.
pub fn readable(tx: &mut TenantTx<'_>, file: &File) -> Result<Result<Readable, NotReadable>, DbError> {
    let (scan, sha256): (Option<Scan>, Option<Vec<u8>>) = blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(file.blob_id))
        .select((blobs::scan, blobs::sha256))
        .first(tx.conn())?;
    Ok(match scan {
        None | Some(Scan::Clean) => Ok(Readable::new(tx.tenant(), file.blob_id).of(sha256)),
        Some(Scan::Pending) => Err(NotReadable::BeingScanned),
        Some(Scan::Infected | Scan::TooLarge) => Err(NotReadable::Quarantined),
    })
}

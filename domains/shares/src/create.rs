use crate::{
    Share, ShareMode, Target, is_previewable,
    share::{Link, query},
};
use ::files::{FilePath, find, find_bucket};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{buckets, files, shares},
};
use diesel::prelude::*;
use kernel::{
    ids::{BucketId, ShareId},
    secrets::{SecretError, TenantToken},
};
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

/// A link to be made.
#[derive(Debug, Clone)]
pub struct CreateShare {
    /// What it shows.
    pub target: NewShare,
    /// What visitors may do.
    pub mode: ShareMode,
    /// The hash of its password, if it has one.
    pub password_hash: Option<String>,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// How many downloads it allows.
    pub max_downloads: Option<i32>,
}

/// What a new link is to show.
#[derive(Debug, Clone)]
pub enum NewShare {
    /// A file.
    File(kernel::ids::FileId),
    /// A folder of a bucket: the beginning of paths, with or without the last slash; empty for the whole bucket.
    Folder {
        /// The bucket's name.
        bucket: String,
        /// The folder.
        prefix: String,
    },
}

/// Why a link was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateShareError {
    /// No such file or bucket in this firm.
    #[error("no such file or bucket")]
    NotFound,
    /// The folder's name is none.
    #[error("not a folder's name")]
    MalformedPrefix,
    /// A file cannot take files.
    #[error("files are dropped into folders")]
    UploadNeedsFolder,
    /// Downloads cannot be counted where nothing is downloaded.
    #[error("nothing is downloaded by an upload link")]
    UploadCountsNoDownloads,
    /// A browser could not show it safely.
    #[error("{content_type} cannot be shown safely")]
    NotPreviewable {
        /// The file's type.
        content_type: String,
    },
    /// The time is over before it begins.
    #[error("expires in the past")]
    ExpiryPassed,
    /// No token could be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes a link and its token, of which only the digest is stored (INV-SH1).
pub fn create_share(tx: &mut TenantTx<'_>, command: &CreateShare) -> Result<(Share, TenantToken), CreateShareError> {
    if command.expires_at.is_some_and(|at| at <= tx.now()) {
        return Err(CreateShareError::ExpiryPassed);
    }
    if command.mode == ShareMode::Upload && command.max_downloads.is_some() {
        return Err(CreateShareError::UploadCountsNoDownloads);
    }
    let (bucket, target) = match &command.target {
        NewShare::File(file) => share_of_file(tx, *file, command.mode)?,
        NewShare::Folder { bucket, prefix } => share_of_folder(tx, bucket, prefix)?,
    };
    let token = TenantToken::generate(tx.tenant())?;
    let id: ShareId = tx.new_id();
    insert(tx, id, command, (bucket, target), &token)?;
    let share: Share = query!(tx).filter(shares::id.eq(id)).first(tx.conn()).map_err(DbError::from)?;
    tx.audit(
        "share.created",
        id,
        json!({ "mode": command.mode, "file": share.link.file_id, "password": share.link.has_password(),
            "expires_at": command.expires_at, "max_downloads": command.max_downloads }),
    )?;
    Ok((share, token))
}

fn share_of_file(
    tx: &mut TenantTx<'_>,
    id: kernel::ids::FileId,
    mode: ShareMode,
) -> Result<(BucketId, Target), CreateShareError> {
    let file = find(tx, id)?.ok_or(CreateShareError::NotFound)?;
    let bucket = find_bucket(tx, &file.bucket)?.ok_or(CreateShareError::NotFound)?;
    match mode {
        ShareMode::Upload => Err(CreateShareError::UploadNeedsFolder),
        ShareMode::View if !is_previewable(&file.content_type) => {
            Err(CreateShareError::NotPreviewable { content_type: file.content_type })
        }
        ShareMode::View | ShareMode::Download => Ok((bucket.id, Target::File(id))),
    }
}

fn share_of_folder(tx: &mut TenantTx<'_>, bucket: &str, prefix: &str) -> Result<(BucketId, Target), CreateShareError> {
    let bucket = find_bucket(tx, bucket)?.ok_or(CreateShareError::NotFound)?;
    Ok((bucket.id, Target::Folder(folder(prefix)?)))
}

/// The beginning of the paths of all that is in a folder.
fn folder(prefix: &str) -> Result<String, CreateShareError> {
    let text: String = prefix.nfc().collect();
    let bare = text.strip_suffix('/').unwrap_or(&text);
    if bare.is_empty() {
        return if text.is_empty() { Ok(text) } else { Err(CreateShareError::MalformedPrefix) };
    }
    let path: FilePath = bare.parse().map_err(|_| CreateShareError::MalformedPrefix)?;
    Ok(format!("{}/", path.as_str()))
}

fn insert(
    tx: &mut TenantTx<'_>,
    id: ShareId,
    command: &CreateShare,
    (bucket, target): (BucketId, Target),
    token: &TenantToken,
) -> Result<(), DbError> {
    let (file, prefix) = match target {
        Target::File(file) => (Some(file), None),
        Target::Folder(prefix) => (None, Some(prefix)),
    };
    let row = (
        shares::id.eq(id),
        shares::bucket_id.eq(bucket),
        shares::file_id.eq(file),
        shares::prefix.eq(prefix),
        shares::mode.eq(command.mode),
        shares::token_digest.eq(token.digest().to_vec()),
        shares::password_hash.eq(&command.password_hash),
        shares::max_downloads.eq(command.max_downloads),
        shares::expires_at.eq(command.expires_at),
        shares::created_by.eq(tx.actor().id.clone()),
        shares::created_at.eq(tx.now()),
    );
    diesel::insert_into(shares::table).values(row).execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn a_folder_is_the_beginning_of_paths() {
        for (given, expected) in [("", ""), ("a", "a/"), ("合同/2026/", "合同/2026/"), ("cafe\u{301}", "caf\u{e9}/")]
        {
            assert_eq!(folder(given).unwrap(), expected);
        }
        for none in ["/", "//", "../", "a//", "/a", "a/../b"] {
            assert!(folder(none).is_err(), "{none}");
        }
    }
}

//! What the virus scanner says of blobs. Where there is a scanner, a blob begins as pending, and [`crate::readable`] lets nobody
//! read it before it is clean.
//!
//! ```text
//! pending --nothing found--> clean
//!     \--found, or too large to be looked through--> infected, too_large
//! ```

use crate::{
    Scan, ScanBlob,
    blob::BlobState,
    clamd::Verdict,
    events::{FileQuarantined, Quarantine},
    thumbnail,
};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_versions, files},
};
use diesel::prelude::*;
use jobs::{Emit, Enqueue};
use kernel::{
    ids::{BlobId, FileId, FileVersionId},
    permission::Permission,
};
use notifications::{Audience, Notice, Template, notify};
use serde_json::json;

/// Holds what arrived back until the scanner has looked at it; nothing, if it has already.
pub(crate) fn expect(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<(), DbError> {
    let unseen =
        blobs::table.filter(blobs::tenant_id.eq(tx.tenant())).filter(blobs::id.eq(blob)).filter(blobs::scan.is_null());
    if diesel::update(unseen).set(blobs::scan.eq(Scan::Pending)).execute(tx.conn())? == 0 {
        return Ok(());
    }
    let now = tx.now();
    tx.enqueue_once(&ScanBlob { blob }, blob, now)
}

/// How many bytes are to be looked through; `None` if there is nothing to do.
pub(crate) fn pending(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Option<i64>, DbError> {
    Ok(blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(blob))
        .filter(blobs::state.eq(BlobState::Live))
        .filter(blobs::scan.eq(Scan::Pending))
        .select(blobs::size_bytes)
        .first(tx.conn())
        .optional()?)
}

/// Notes what the scanner says. What is clean may be read from now on; for the rest, the firm is told.
pub(crate) fn settle(tx: &mut TenantTx<'_>, blob: BlobId, verdict: &Verdict) -> Result<(), DbError> {
    let (scan, finding) = match verdict {
        Verdict::Clean => (Scan::Clean, None),
        Verdict::Infected(finding) => (Scan::Infected, Some(finding.as_str())),
        Verdict::TooLarge => (Scan::TooLarge, Some("too large to be scanned")),
    };
    let row = blobs::table
        .filter(blobs::tenant_id.eq(tx.tenant()))
        .filter(blobs::id.eq(blob))
        .filter(blobs::scan.eq(Scan::Pending));
    if diesel::update(row).set(blobs::scan.eq(scan)).execute(tx.conn())? == 0 {
        return Ok(());
    }
    match finding {
        None => thumbnail::begin(tx, blob),
        Some(finding) => quarantine(tx, blob, finding),
    }
}

/// Tells of every file that has the blob in one of its versions: in the event log, in the audit log, and to those who can act.
fn quarantine(tx: &mut TenantTx<'_>, blob: BlobId, finding: &str) -> Result<(), DbError> {
    thumbnail::fail(tx, blob)?;
    for (id, version_id, bucket, path) in shown_by(tx, blob)? {
        tx.audit("file.quarantined", id, json!({ "version": version_id, "finding": finding }))?;
        notify(
            tx,
            &Notice {
                to: Audience::Allowed(Permission::TenantsAdmin),
                template: Template::FileQuarantined,
                params: json!({ "bucket": bucket, "path": path, "finding": finding }),
                dedupe_key: format!("file.quarantined {version_id}"),
            },
        )?;
        tx.emit(&FileQuarantined::from(Quarantine { id, bucket, path, version_id, finding: finding.to_owned() }))?;
    }
    Ok(())
}

type Shown = (FileId, FileVersionId, String, String);

fn shown_by(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Vec<Shown>, DbError> {
    Ok(file_versions::table
        .inner_join(
            files::table.on(files::tenant_id.eq(file_versions::tenant_id).and(files::id.eq(file_versions::file_id))),
        )
        .inner_join(buckets::table.on(buckets::tenant_id.eq(files::tenant_id).and(buckets::id.eq(files::bucket_id))))
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::blob_id.eq(blob))
        .order((files::id, file_versions::id.desc()))
        .distinct_on(files::id)
        .select((files::id, file_versions::id, buckets::name, files::path))
        .load(tx.conn())?)
}

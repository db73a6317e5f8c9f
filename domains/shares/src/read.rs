//! Finds and lists links, and who came by them.

use crate::{
    Access, Share, ShareError,
    share::{Link, query},
};
use db::{
    DbError, TenantTx,
    schema::{buckets, files, share_accesses, shares},
};
use diesel::prelude::*;
use kernel::{
    ids::{FileId, ShareAccessId, ShareId},
    pages::{Page, PageRequest},
};

/// One link.
pub fn find_share(tx: &mut TenantTx<'_>, id: ShareId) -> Result<Share, ShareError> {
    let found = query!(tx).filter(shares::id.eq(id)).first(tx.conn()).optional().map_err(DbError::from)?;
    found.ok_or(ShareError::NotFound)
}

/// Links, newest first, those that open nothing any more too; with `file`, only those of one file.
pub fn list_shares(
    tx: &mut TenantTx<'_>,
    file: Option<FileId>,
    page: &PageRequest<ShareId>,
) -> Result<Page<Share, ShareId>, DbError> {
    let mut rows = query!(tx).order(shares::id.desc()).limit(page.fetch()).into_boxed();
    if let Some(after) = page.after {
        rows = rows.filter(shares::id.lt(after));
    }
    if let Some(file) = file {
        rows = rows.filter(shares::file_id.eq(file));
    }
    Ok(Page::of(rows.load(tx.conn())?, page, |share: &Share| share.link.id))
}

/// Who came by a link, newest first.
pub fn list_accesses(
    tx: &mut TenantTx<'_>,
    share: ShareId,
    page: &PageRequest<ShareAccessId>,
) -> Result<Page<Access, ShareAccessId>, ShareError> {
    find_share(tx, share)?;
    let mut rows = share_accesses::table
        .filter(share_accesses::tenant_id.eq(tx.tenant()))
        .filter(share_accesses::share_id.eq(share))
        .order(share_accesses::id.desc())
        .limit(page.fetch())
        .select(Access::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        rows = rows.filter(share_accesses::id.lt(after));
    }
    Ok(Page::of(rows.load(tx.conn()).map_err(DbError::from)?, page, |access| access.id))
}

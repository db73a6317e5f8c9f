//! The way in for everybody who comes by a link.

use crate::{AccessResult, ShareMode, ShareStatus, Target, access::note, pass::Pass, share::Link};
use auth::RequestMeta;
use db::{
    Db, DbError, TenantScope, TenantTx,
    schema::{buckets, shares},
};
use diesel::prelude::*;
use files::{Bucket, Entry, File, FileError, FilePath, ListFiles};
use kernel::{
    Actor,
    ids::ShareId,
    pages::{Page, PageRequest},
    secrets::{MasterKey, TenantToken},
};
use tenants::Tenant;

/// Somebody who comes by a link.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The link's token.
    pub token: TenantToken,
    /// What shows that the password was right.
    pub pass: Option<String>,
    /// Where the request came from.
    pub request: RequestMeta,
    /// What the browser or program says it is.
    pub user_agent: Option<String>,
}

impl Visitor {
    /// The right to look the token's digest up in the firm that it names; nothing else without it (INV-SH3).
    pub(crate) fn scope(&self) -> TenantScope {
        TenantScope::grant(self.token.tenant, self.request.visitor())
    }

    /// The right to do what the link allows, in its name.
    pub(crate) fn scope_of(&self, link: ShareId) -> TenantScope {
        TenantScope::grant(self.token.tenant, Actor { id: link.to_string(), ..self.request.visitor() })
    }
}

/// Why a visitor got nothing.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// No such link, nothing where it points, or its firm may not act (INV-SH3).
    #[error("no such link")]
    NotFound,
    /// It was taken back or has expired, which is not told.
    #[error("the link has ended")]
    Ended(ShareId),
    /// The password is still to be shown.
    #[error("a password is needed")]
    Locked,
    /// The link's mode does not allow this.
    #[error("the link does not allow this")]
    Refused,
    /// A browser could not show the file safely, and the link allows nothing else.
    #[error("this file cannot be shown safely")]
    NotPreviewable,
    /// All downloads were taken.
    #[error("no download is left")]
    UsedUp(ShareId),
    /// The file cannot be had.
    #[error(transparent)]
    File(FileError),
    /// What was dropped has no usable name.
    #[error("not a file's name")]
    MalformedName,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<FileError> for VisitError {
    fn from(error: FileError) -> Self {
        if matches!(error, FileError::NotFound) { Self::NotFound } else { Self::File(error) }
    }
}

/// What a link shows at the moment.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The link.
    pub link: Link,
    /// The bucket it is in.
    pub bucket: Bucket,
    /// The firm.
    pub firm: Tenant,
    /// The file, if it shows one.
    pub file: Option<File>,
    /// What is in the folder, if it shows one: paths as seen from the link.
    pub entries: Option<Page<Entry, String>>,
}

/// The open link of a token with its bucket, in the firm's own transaction.
pub(crate) fn enter(
    tx: &mut TenantTx<'_>,
    visitor: &Visitor,
    key: &MasterKey,
) -> Result<(Link, Bucket, Tenant), VisitError> {
    let (link, bucket, firm) = approach(tx, visitor)?;
    let pass = Pass::enter(tx.tenant(), &link);
    let admitted = visitor.pass.as_deref().is_some_and(|shown| pass.admits(key, shown, tx.now()));
    if link.has_password() && !admitted { Err(VisitError::Locked) } else { Ok((link, bucket, firm)) }
}

/// The same before a password was shown.
pub(crate) fn approach(tx: &mut TenantTx<'_>, visitor: &Visitor) -> Result<(Link, Bucket, Tenant), VisitError> {
    let (link, bucket) = find(tx, &visitor.token)?.ok_or(VisitError::NotFound)?;
    let firm = tenants::find(tx)?;
    let held = if link.mode == ShareMode::Upload { !firm.status.may_write() } else { !firm.status.may_read() };
    if held {
        return Err(VisitError::NotFound);
    }
    match link.status(tx.now()) {
        ShareStatus::Active | ShareStatus::UsedUp => Ok((link, bucket, firm)),
        ShareStatus::Expired | ShareStatus::Revoked => Err(VisitError::Ended(link.id)),
    }
}

fn find(tx: &mut TenantTx<'_>, token: &TenantToken) -> Result<Option<(Link, Bucket)>, DbError> {
    Ok(shares::table
        .inner_join(buckets::table.on(buckets::tenant_id.eq(shares::tenant_id).and(buckets::id.eq(shares::bucket_id))))
        .filter(shares::tenant_id.eq(tx.tenant()))
        .filter(shares::token_digest.eq(token.digest().to_vec()))
        .select((Link::as_select(), Bucket::as_select()))
        .first(tx.conn())
        .optional()?)
}

/// Runs a transaction for a visitor. What it refuses is noted all the same, in one of its own.
pub(crate) async fn visit<T, F>(db: &Db, name: &'static str, visitor: &Visitor, work: F) -> Result<T, VisitError>
where
    T: Send + 'static,
    F: Fn(&mut TenantTx<'_>) -> Result<T, VisitError> + Send + 'static,
{
    let result = db.tenant(name, visitor.scope(), work).await;
    let refused = match &result {
        Err(VisitError::Ended(link)) => Some((*link, AccessResult::Ended)),
        Err(VisitError::UsedUp(link)) => Some((*link, AccessResult::UsedUp)),
        _ => None,
    };
    if let Some((link, what)) = refused {
        let agent = visitor.user_agent.clone();
        let noted = move |tx: &mut TenantTx<'_>| note(tx, link, (what, None), agent.as_deref());
        db.tenant("shares.note_refusal", visitor.scope(), noted).await?;
    }
    result
}

/// Shows what a link shows; for a folder, the part of it named by `folder`, seen from the link.
pub async fn look(
    db: &Db,
    key: &MasterKey,
    visitor: &Visitor,
    (folder, page): (String, PageRequest<String>),
) -> Result<Entered, VisitError> {
    let (known, key) = (visitor.clone(), key.clone());
    visit(db, "shares.look", visitor, move |tx| {
        let (link, bucket, firm) = enter(tx, &known, &key)?;
        let (file, entries) = match link.target() {
            Target::File(id) => (Some(files::find(tx, id)?.ok_or(VisitError::NotFound)?), None),
            // Whoever brings files sees none.
            Target::Folder(_) if link.mode == ShareMode::Upload => (None, None),
            Target::Folder(prefix) => (None, Some(list(tx, &bucket.name, (&prefix, &folder), &page)?)),
        };
        note(tx, link.id, (AccessResult::Opened, None), known.user_agent.as_deref())?;
        Ok(Entered { link, bucket, firm, file, entries })
    })
    .await
}

/// One page of a folder, with paths as seen from the link.
fn list(
    tx: &mut TenantTx<'_>,
    bucket: &str,
    (prefix, folder): (&str, &str),
    page: &PageRequest<String>,
) -> Result<Page<Entry, String>, VisitError> {
    let within = if folder.is_empty() {
        String::new()
    } else {
        let path: FilePath = folder.trim_end_matches('/').parse().map_err(|_| VisitError::NotFound)?;
        format!("{}/", path.as_str())
    };
    let wanted = ListFiles::new(bucket.to_owned(), &format!("{prefix}{within}"), true, None);
    let absolute = PageRequest { limit: page.limit, after: page.after.as_ref().map(|at| format!("{prefix}{at}")) };
    let found = files::list_files(tx, &wanted, &absolute)?;
    let seen = |path: String| path.strip_prefix(prefix).map_or_else(|| path.clone(), str::to_owned);
    Ok(Page {
        next: found.next.map(seen),
        data: found
            .data
            .into_iter()
            .map(|entry| match entry {
                Entry::File(mut file) => {
                    file.path = seen(file.path.clone());
                    Entry::File(file)
                }
                Entry::Folder(path) => Entry::Folder(seen(path)),
            })
            .collect(),
    })
}

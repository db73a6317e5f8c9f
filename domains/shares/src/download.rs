use crate::{
    AccessResult, ShareMode, Target, VisitError, Visitor,
    access::note,
    enter::{enter, visit},
    is_previewable,
    pass::{CONTINUED_FOR, Pass},
    share::Link,
};
use db::{Db, DbError, TenantScope, TenantTx, schema::shares};
use diesel::prelude::*;
use files::{Bucket, File, FileError, FilePath, Readable};
use kernel::secrets::MasterKey;

/// What part of a file is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// None: the visitor has it, or asks for what is not there.
    Nothing,
    /// All of it, or its beginning.
    Beginning,
    /// What comes later, after a download that broke off or a jump within a film.
    Later,
}

/// A file that a visitor wants to have.
pub struct Fetch {
    /// Its path as seen from a folder's link; nothing by the link of a file.
    pub path: Option<FilePath>,
    /// The passes of downloads that this may continue.
    pub passes: Vec<String>,
    /// What part of it, now that it is known.
    pub part: Box<dyn Fn(&File) -> Part + Send>,
}

/// A file that a visitor gets.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The right to read it.
    pub scope: TenantScope,
    /// The file.
    pub file: File,
    /// Its bytes.
    pub readable: Readable,
    /// What the visitor may do.
    pub mode: ShareMode,
    /// Continues this download without being counted again.
    pub pass: Option<String>,
}

/// Authorises a download and counts it in the same statement (INV-SH2). What continues a counted download, as its pass shows, is
/// not counted again.
pub async fn fetch(db: &Db, key: &MasterKey, visitor: &Visitor, wanted: Fetch) -> Result<Fetched, VisitError> {
    let (known, key) = (visitor.clone(), key.clone());
    visit(db, "shares.fetch", visitor, move |tx| {
        let (link, bucket, _) = enter(tx, &known, &key)?;
        let file = find(tx, &link, &bucket, wanted.path.as_ref())?;
        if link.mode == ShareMode::View && !is_previewable(&file.content_type) {
            return Err(VisitError::NotPreviewable);
        }
        let readable = files::readable(tx, &file)?.map_err(FileError::from)?;
        let pass = Pass::go_on(tx.tenant(), link.id, file.version_id);
        let goes_on = wanted.passes.iter().any(|shown| pass.admits(&key, shown, tx.now()));
        let counted = match (wanted.part)(&file) {
            Part::Nothing => false,
            Part::Later => !goes_on,
            Part::Beginning => true,
        };
        if counted {
            count(tx, &link)?;
            let path = wanted.path.as_ref().map(FilePath::as_str);
            note(tx, link.id, (AccessResult::Downloaded, path), known.user_agent.as_deref())?;
        }
        let pass = counted.then(|| pass.issue(&key, tx.now() + CONTINUED_FOR));
        Ok(Fetched { scope: known.scope_of(link.id), file, readable, mode: link.mode, pass })
    })
    .await
}

fn find(tx: &mut TenantTx<'_>, link: &Link, bucket: &Bucket, path: Option<&FilePath>) -> Result<File, VisitError> {
    if link.mode == ShareMode::Upload {
        return Err(VisitError::Refused);
    }
    let found = match (link.target(), path) {
        (Target::File(id), None) => files::find(tx, id)?,
        (Target::Folder(prefix), Some(path)) => {
            files::find_at(tx, &bucket.name, &format!("{prefix}{}", path.as_str()))?
        }
        (Target::File(_), Some(_)) | (Target::Folder(_), None) => None,
    };
    found.ok_or(VisitError::NotFound)
}

/// One download more, if the link still allows one.
pub(crate) fn count(tx: &mut TenantTx<'_>, link: &Link) -> Result<(), VisitError> {
    let now = tx.now();
    let open = shares::table
        .filter(shares::tenant_id.eq(tx.tenant()))
        .filter(shares::id.eq(link.id))
        .filter(shares::revoked_at.is_null())
        .filter(shares::expires_at.is_null().or(shares::expires_at.gt(now)))
        .filter(shares::max_downloads.is_null().or(shares::max_downloads.assume_not_null().gt(shares::downloads)));
    let counted = diesel::update(open)
        .set(shares::downloads.eq(shares::downloads + 1))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    if counted == 1 { Ok(()) } else { Err(VisitError::UsedUp(link.id)) }
}

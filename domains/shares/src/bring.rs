use crate::{
    AccessResult, ShareMode, Target, VisitError, Visitor,
    access::note,
    enter::{approach, enter, visit},
    share::Link,
};
use audit::Audited;
use db::{Db, TenantTx};
use files::{Bucket, File, FilePath, ObjectStore, Received, Upload, UploadError};
use kernel::secrets::MasterKey;
use serde_json::json;

/// A file that a visitor brings.
#[derive(Debug, Clone)]
pub struct Bring {
    /// Its name.
    pub name: String,
    /// How many bytes will come, if the visitor says so.
    pub declared_bytes: Option<i64>,
    /// The media type, if the visitor names one.
    pub content_type: Option<String>,
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// The link does not let it in.
    #[error(transparent)]
    Visit(#[from] VisitError),
    /// The bucket or the plan does not.
    #[error(transparent)]
    Upload(#[from] UploadError),
}

/// Begins to take a file by a link that takes files. It is stored beside what is there, never in its place (INV-SH5); what it is
/// called then, its [`File`] tells.
pub async fn bring(
    db: &Db,
    (store, key): (&ObjectStore, &MasterKey),
    visitor: &Visitor,
    brought: Bring,
) -> Result<Received, BringError> {
    let (known, key, name) = (visitor.clone(), key.clone(), brought.name);
    let entered = visit(db, "shares.bring", visitor, move |tx| {
        let (link, bucket, _) = enter(tx, &known, &key)?;
        let path = place(&link, &name)?;
        Ok((link, bucket, path))
    });
    let (link, Bucket { name: bucket, .. }, path) = entered.await?;
    let upload = Upload { bucket, path, declared_bytes: brought.declared_bytes, content_type: brought.content_type };
    let (scope, visitor) = (visitor.scope_of(link.id), visitor.clone());
    let also = Box::new(move |tx: &mut TenantTx<'_>, file: &File| arrived(tx, &visitor, &link, file));
    Ok(files::receive_beside(db, store, &scope, upload, also).await?)
}

/// Where a file of this name goes, with room for a number.
fn place(link: &Link, name: &str) -> Result<FilePath, VisitError> {
    let (ShareMode::Upload, Target::Folder(prefix)) = (link.mode, link.target()) else {
        return Err(VisitError::Refused);
    };
    let path = format!("{prefix}{name}").parse::<FilePath>().ok().filter(|path| path.numbered(i64::MAX).is_some());
    path.filter(|_| !name.contains('/')).ok_or(VisitError::MalformedName)
}

/// Notes what was brought, if the link is still open when all of it is there.
fn arrived(tx: &mut TenantTx<'_>, visitor: &Visitor, link: &Link, file: &File) -> Result<(), UploadError> {
    approach(tx, visitor).map_err(|error| match error {
        VisitError::Db(error) => UploadError::Db(error),
        _ => UploadError::NoBucket,
    })?;
    let name = file.path.rsplit('/').next();
    note(tx, link.id, (AccessResult::Dropped, name), visitor.user_agent.as_deref())?;
    tx.audit("share.file_brought", link.id, json!({ "file": file.id, "path": file.path }))?;
    Ok(())
}

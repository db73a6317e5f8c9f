//! Files of public buckets, for everybody who knows their address.

use auth::RequestMeta;
use db::{Db, DbError, TenantScope, TenantTx};
use files::{File, FilePath, Readable, Visibility};
use kernel::ids::TenantId;

/// A file that everybody may have.
#[derive(Debug, Clone)]
pub struct PublicFile {
    /// The right to read it, as a visitor.
    pub scope: TenantScope,
    /// The file.
    pub file: File,
    /// Its bytes.
    pub readable: Readable,
}

/// Looks a file of a public bucket up. Whatever stands against it looks the same from outside: nothing (INV-SH6).
pub async fn find_public(
    db: &Db,
    visitor: &RequestMeta,
    (tenant, bucket, path): (TenantId, String, FilePath),
) -> Result<Option<PublicFile>, DbError> {
    // The right to ask what a firm shows to everybody; nothing else is asked under it.
    let scope = TenantScope::grant(tenant, visitor.visitor());
    let found = db.tenant("shares.find_public", scope.clone(), move |tx| find(tx, &bucket, path.as_str())).await?;
    Ok(found.map(|(file, readable)| PublicFile { scope, file, readable }))
}

fn find(tx: &mut TenantTx<'_>, bucket: &str, path: &str) -> Result<Option<(File, Readable)>, DbError> {
    let bucket = files::find_bucket(tx, bucket)?.filter(|bucket| bucket.visibility == Visibility::Public);
    let Some(bucket) = bucket else { return Ok(None) };
    if !tenants::find(tx)?.status.may_read() {
        return Ok(None);
    }
    let Some(file) = files::find_at(tx, &bucket.name, path)? else { return Ok(None) };
    Ok(files::readable(tx, &file)?.ok().map(|readable| (file, readable)))
}

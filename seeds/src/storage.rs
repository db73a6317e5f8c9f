//! A demo firm's files.

use crate::{Run, documents, firm::OpenFirm, picture};
use anyhow::bail;
use bytes::Bytes;
use db::TenantTx;
use files::{CreateBucket, CreateBucketError, FilePath, Upload, Visibility};
use kernel::ids::FileId;
use std::collections::HashMap;

const DOCUMENTS: &str = "documents";
const PHOTOS: &str = "product-photos";

/// A file to be stored.
struct Stored {
    bucket: &'static str,
    path: FilePath,
    content_type: &'static str,
    bytes: Vec<u8>,
}

/// Stores documents and pictures that are not there. Returns the pictures by their names.
pub(crate) async fn fill(run: Run<'_>, firm: &OpenFirm<'_>) -> anyhow::Result<HashMap<String, FileId>> {
    for (name, visibility) in [(DOCUMENTS, Visibility::Private), (PHOTOS, Visibility::Public)] {
        let bucket = CreateBucket {
            name: name.parse().map_err(anyhow::Error::msg)?,
            visibility,
            max_object_bytes: None,
            allowed_types: Vec::new(),
        };
        run.deps.db.tenant("seeds.bucket", firm.scope(), move |tx| ensure_bucket(tx, &bucket)).await?;
    }
    for document in documents::of(firm.data) {
        let path = document.path.parse()?;
        let (content_type, bytes) = (document.content_type, document.bytes);
        store(run, firm, Stored { bucket: DOCUMENTS, path, content_type, bytes }).await?;
    }
    let mut pictures = HashMap::new();
    for drawn in &firm.data.pictures {
        let (path, bytes) = (format!("{}.png", drawn.name).parse()?, picture::png(drawn)?);
        let file = Stored { bucket: PHOTOS, path, content_type: "image/png", bytes };
        pictures.insert(drawn.name.clone(), store(run, firm, file).await?);
    }
    Ok(pictures)
}

fn ensure_bucket(tx: &mut TenantTx<'_>, bucket: &CreateBucket) -> Result<(), CreateBucketError> {
    if files::find_bucket(tx, bucket.name.as_str())?.is_none() {
        files::create_bucket(tx, bucket)?;
    }
    Ok(())
}

/// Stores a file unless one is at its path.
async fn store(run: Run<'_>, firm: &OpenFirm<'_>, file: Stored) -> anyhow::Result<FileId> {
    let Stored { bucket, path, content_type, bytes } = file;
    let (db, wanted) = (&run.deps.db, path.clone());
    let find = move |tx: &mut TenantTx<'_>| files::find_at(tx, bucket, wanted.as_str());
    if let Some(found) = db.tenant("seeds.find_file", firm.scope(), find).await? {
        return Ok(found.id);
    }
    let upload = Upload {
        bucket: bucket.to_owned(),
        path: path.clone(),
        declared_bytes: Some(i64::try_from(bytes.len())?),
        content_type: Some(content_type.to_owned()),
    };
    let received = files::receive(db, &run.deps.objects, &firm.scope(), upload).await?;
    if !received.push(Bytes::from(bytes)).await {
        received.end().await?;
        bail!("{} was not taken", path.as_str());
    }
    let uploaded = received.end().await?;
    run.say(&format!("{}: {}", firm.data.name, path.as_str()));
    Ok(uploaded.file.id)
}

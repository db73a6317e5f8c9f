//! Lists a bucket as a person sees it: files, and the folders that their paths make.

use crate::{File, FileError, bucket::find_bucket, file::query};
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_versions, files},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use kernel::{
    ids::BucketId,
    pages::{Page, PageRequest},
};
use unicode_normalization::UnicodeNormalization;

/// What to list.
#[derive(Debug, Clone)]
pub struct ListFiles {
    bucket: String,
    prefix: String,
    folders: bool,
    search: Option<String>,
    tag: Option<String>,
}

impl ListFiles {
    /// A bucket's files whose paths begin with `prefix`. With `folders`, paths with a slash after the prefix are shown as the
    /// folder they are in. With `search`, only files whose path or a tag contains it, in any case of letters.
    pub fn new(bucket: String, prefix: &str, folders: bool, search: Option<&str>) -> Self {
        // Paths are stored in composed form.
        let search = search.map(|text| text.nfc().collect());
        Self { bucket, prefix: prefix.nfc().collect(), folders, search, tag: None }
    }

    /// Only files with exactly this tag.
    #[must_use]
    pub fn tagged(self, tag: Option<String>) -> Self {
        Self { tag: tag.map(|text| text.nfc().collect()), ..self }
    }
}

/// One line of a list.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A file.
    File(Box<File>),
    /// A folder: the path up to and with a slash.
    Folder(String),
}

impl Entry {
    /// Where the list goes on after this entry.
    fn position(&self) -> String {
        match self {
            Self::File(file) => file.path.clone(),
            // Past everything in the folder.
            Self::Folder(path) => format!("{path}{}", char::MAX),
        }
    }
}

/// One page of a bucket, in order of paths.
pub fn list_files(
    tx: &mut TenantTx<'_>,
    wanted: &ListFiles,
    page: &PageRequest<String>,
) -> Result<Page<Entry, String>, FileError> {
    let bucket = find_bucket(tx, &wanted.bucket)?.ok_or(FileError::NotFound)?.id;
    let mut entries: Vec<Entry> = Vec::new();
    let mut position = page.after.clone().unwrap_or_default();
    let enough = usize::try_from(page.fetch()).unwrap_or_default();
    while entries.len() < enough {
        let rows = fetch(tx, (bucket, wanted), &position, page.fetch())?;
        let more = i64::try_from(rows.len()).unwrap_or_default() == page.fetch();
        for file in rows {
            if file.path <= position {
                // Inside a folder that is listed already.
                continue;
            }
            let entry = entry(file, wanted);
            position = entry.position();
            entries.push(entry);
            if entries.len() == enough {
                break;
            }
        }
        if !more {
            break;
        }
    }
    Ok(Page::of(entries, page, Entry::position))
}

fn entry(file: File, wanted: &ListFiles) -> Entry {
    let rest = &file.path[wanted.prefix.len().min(file.path.len())..];
    match rest.find('/') {
        Some(slash) if wanted.folders => Entry::Folder(file.path[..=wanted.prefix.len() + slash].to_owned()),
        _ => Entry::File(Box::new(file)),
    }
}

/// The next rows after `position`. The path is compared, not matched with LIKE, so that the index serves under row-level
/// security; the search is a scan bounded by the tenant's own files.
fn fetch(
    tx: &mut TenantTx<'_>,
    (bucket, wanted): (BucketId, &ListFiles),
    position: &str,
    limit: i64,
) -> Result<Vec<File>, DbError> {
    let mut rows = query!(tx)
        .filter(files::deleted_at.is_null())
        .filter(files::bucket_id.eq(bucket))
        .filter(files::path.gt(position))
        .order(files::path)
        .limit(limit)
        .into_boxed();
    if !wanted.prefix.is_empty() {
        rows = rows.filter(files::path.ge(&wanted.prefix)).filter(files::path.lt(format!(
            "{}{}",
            wanted.prefix,
            char::MAX
        )));
    }
    if let Some(search) = &wanted.search {
        let searched = "strpos(lower(files.path || E'\\n' || array_to_string(files.tags, E'\\n')), lower(";
        rows = rows.filter(sql::<Bool>(searched).bind::<Text, _>(search).sql(")) > 0"));
    }
    if let Some(tag) = &wanted.tag {
        rows = rows.filter(files::tags.contains(vec![tag]));
    }
    Ok(rows.load(tx.conn())?)
}

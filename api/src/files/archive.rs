//! `GET /v1/buckets/{name}/archive`

use super::{
    download::begun,
    egress::{Source, counted},
    headers, place,
    rules::{folder, is_folder},
};
use crate::{
    app::App,
    edge::{Deadlines, watched},
    extract::{Allowed, Filters},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use bytes::Bytes;
use db::{DbError, TenantScope, TenantTx};
use files::{Archive, FileError, NotReadable, ObjectStore, Turn};
use futures_util::{Stream, StreamExt, stream};
use kernel::{ids::BucketId, permission::FilesRead};
use serde::Deserialize;
use std::{collections::BTreeSet, fmt::Write, io, pin::Pin};
use utoipa::IntoParams;

/// Which folder.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ArchiveFilters {
    /// The folder, with or without a slash at its end; the whole bucket, if nothing is said.
    #[param(example = "合同/2026/")]
    #[serde(default)]
    prefix: String,
}

/// Downloads a folder, or the whole bucket, as one ZIP archive. Files that nobody may read now are left out and named in
/// `_skipped.txt`, with the reason. The archive is made while it is sent: an answer that breaks off is no archive.
#[utoipa::path(operation_id = "download_folder", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path), ArchiveFilters),
    responses((status = 200, description = "The archive", content_type = "application/zip")))]
#[get("/v1/buckets/{name}/archive")]
pub(super) async fn download_folder(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    Filters(ArchiveFilters { prefix }): Filters<ArchiveFilters>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let bucket = place::bucket(&request)?;
    is_folder(&prefix, &()).map_err(|_| Problem::from(edge::NOT_FOUND))?;
    let (folder, scope) = (folder(&prefix), caller.scope());
    let name = folder.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(&bucket);
    let mut response = HttpResponse::Ok();
    for header in headers::of_archive(&format!("{name}.zip")) {
        response.insert_header(header);
    }
    let id = find(&app, &scope, (bucket.clone(), folder.clone())).await?;
    let making = Making::new(&app, scope.clone(), (id, folder));
    let bytes = begun(Box::pin(stream::try_unfold(making, Making::step))).await?;
    let bytes = Box::pin(counted(bytes, app.traffic.clone(), Source { scope, bucket }));
    Ok(response.streaming(watched(bytes, Deadlines::of(&request).pace)))
}

/// The bucket, if the folder has a file.
async fn find(app: &App, scope: &TenantScope, place: (String, String)) -> Result<BucketId, Problem> {
    let find = move |tx: &mut TenantTx<'_>| {
        let bucket = files::find_bucket(tx, &place.0)?.ok_or(FileError::NotFound)?.id;
        files::next_in_folder(tx, (bucket, &place.1), None)?.map(drop).ok_or(FileError::NotFound)?;
        Ok::<_, FileError>(bucket)
    };
    Ok(app.db.tenant("files.find_folder", scope.clone(), find).await?)
}

/// A file that is being read, and how many of its bytes are still to come.
struct Open {
    bytes: Pin<Box<dyn Stream<Item = io::Result<Bytes>>>>,
    left: u64,
    /// Whether none has come yet.
    fresh: bool,
}

/// An archive on its way. Each file is looked up when its turn comes, in order of paths, in a transaction of its own.
struct Making {
    app: (db::Db, ObjectStore),
    scope: TenantScope,
    place: (BucketId, String),
    after: Option<String>,
    open: Option<Open>,
    skipped: Skipped,
    /// Nothing, once it has ended.
    archive: Option<Archive>,
}

impl Making {
    fn new(app: &App, scope: TenantScope, place: (BucketId, String)) -> Self {
        Self {
            app: (app.db.clone(), app.store.clone()),
            scope,
            place,
            after: None,
            open: None,
            skipped: Skipped::default(),
            archive: Some(Archive::default()),
        }
    }

    /// The next piece.
    async fn step(mut self) -> io::Result<Option<(Bytes, Self)>> {
        while let Some(mut archive) = self.archive.take() {
            if let Some(open) = self.open.take() {
                self.open = open.carry(&mut archive).await?;
            } else if let Some(turn) = self.next().await? {
                self.begin(&mut archive, turn)?;
            } else {
                self.skipped.tell(&mut archive, self.app.0.clock().now())?;
                return Ok(Some((archive.finish()?, self)));
            }
            // The head of a file goes with its first bytes.
            let waits = self.open.as_ref().is_some_and(|open| open.fresh);
            let piece = if waits { Bytes::new() } else { archive.take() };
            self.archive = Some(archive);
            if !piece.is_empty() {
                return Ok(Some((piece, self)));
            }
        }
        Ok(None)
    }

    async fn next(&self) -> io::Result<Option<Turn>> {
        let ((bucket, folder), after) = (self.place.clone(), self.after.clone());
        let next = move |tx: &mut TenantTx<'_>| files::next_in_folder(tx, (bucket, &folder), after.as_deref());
        let found = self.app.0.tenant("files.next_in_folder", self.scope.clone(), next).await;
        found.map_err(|error: DbError| io::Error::other(error))
    }

    fn begin(&mut self, archive: &mut Archive, (file, right): Turn) -> io::Result<()> {
        let name = file.path.get(self.place.1.len()..).unwrap_or_default();
        self.skipped.saw(name);
        match right {
            Ok(readable) => {
                let left = file.size_bytes.unsigned_abs();
                archive.begin(name, left, file.updated_at)?;
                if left > 0 {
                    self.open = Some(Open { bytes: Box::pin(self.app.1.stream(&readable, None)), left, fresh: true });
                }
            }
            Err(reason) => self.skipped.add(name, reason),
        }
        self.after = Some(file.path);
        Ok(())
    }
}

impl Open {
    /// Passes on the next bytes; nothing, if there are no more. Neither more nor fewer than the file has are an archive.
    async fn carry(mut self, archive: &mut Archive) -> io::Result<Option<Self>> {
        match self.bytes.next().await {
            Some(piece) => {
                let piece = piece?;
                let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.left = self.left.checked_sub(length).ok_or(io::ErrorKind::InvalidData)?;
                archive.write(&piece)?;
                self.fresh = false;
                Ok(Some(self))
            }
            None if self.left == 0 => Ok(None),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// What was left out, and the names that its list must not have.
#[derive(Default)]
struct Skipped {
    text: String,
    taken: BTreeSet<String>,
}

impl Skipped {
    fn saw(&mut self, name: &str) {
        if name.starts_with("_skipped") {
            self.taken.insert(name.to_owned());
        }
    }

    fn add(&mut self, name: &str, reason: NotReadable) {
        let reason = match reason {
            NotReadable::BeingScanned => "being_scanned",
            NotReadable::Quarantined => "quarantined",
        };
        // Writing to a text does not fail.
        let _ = writeln!(self.text, "{reason}\t{name}");
    }

    /// Adds the list to the archive, if anything was left out.
    fn tell(&self, archive: &mut Archive, now: chrono::DateTime<chrono::Utc>) -> io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let others = (2_u64..).map(|number| format!("_skipped-{number}.txt"));
        let mut names = std::iter::once("_skipped.txt".to_owned()).chain(others);
        let name = names.find(|name| !self.taken.contains(name)).unwrap_or_default();
        archive.begin(&name, u64::try_from(self.text.len()).unwrap_or(u64::MAX), now)?;
        archive.write(self.text.as_bytes())
    }
}

use crate::{
    ObjectStore, Readable,
    clamd::{ScanError, Verdict},
    scan,
};
use db::TenantScope;
use futures_util::TryStreamExt;
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::BlobId;
use std::{
    io,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Has the virus scanner look at a blob.
///
/// Enqueued by: a version whose bytes no scanner has seen, where there is one; the sweeper `FindStorageWork` behind it. Repeats:
/// safe, what is settled stays so. Order: none. Gives up: after a week in which the scanner or the object store was away; the
/// file stays unreadable.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ScanBlob {
    /// What to look at.
    pub blob: BlobId,
}

impl Job for ScanBlob {
    const KIND: &'static str = "files.scan_blob";
    const POLICY: Policy = Policy { max_attempts: 1_000, max_delay: Duration::from_mins(10), ..Policy::remote() };
    type Scope = TenantScope;
    type Deps = ObjectStore;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let blob = self.blob;
        let Some(size) = context.tenant("files.find_unscanned", move |tx| scan::pending(tx, blob)).await? else {
            return Ok(());
        };
        let verdict = look(context, blob, size).await.map_err(JobError::retry)?;
        Ok(context.tenant("files.settle_scan", move |tx| scan::settle(tx, blob, &verdict)).await?)
    }
}

async fn look(context: &JobContext<ScanBlob>, blob: BlobId, size: i64) -> Result<Verdict, ScanError> {
    if size == 0 {
        return Ok(Verdict::Clean);
    }
    let scanner = context.deps().scanner().ok_or_else(|| ScanError::Away(io::ErrorKind::NotFound.into()))?;
    let readable = Readable::new(context.scope().tenant(), blob);
    let seen = AtomicI64::new(0);
    let bytes = context.deps().stream(&readable, None).inspect_ok(|piece| {
        seen.fetch_add(i64::try_from(piece.len()).unwrap_or(i64::MAX), Ordering::Relaxed);
    });
    let verdict = scanner.scan(bytes).await?;
    if verdict == Verdict::Clean && seen.load(Ordering::Relaxed) != size {
        return Err(ScanError::Unread(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(verdict)
}

use crate::{
    ObjectStore,
    blob::key,
    picture::{Drawn, Undrawable, draw},
    thumbnail,
};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::BlobId;
use tokio::sync::Semaphore;

/// Bytes of the largest file that is looked into.
const MAX_FILE_BYTES: i64 = 64 << 20;
/// A picture takes up to 400 MiB of memory while small ones are made of it, so there is one at a time.
static AT_WORK: Semaphore = Semaphore::const_new(1);

/// Makes the small pictures of a picture.
///
/// Enqueued by: a version that shows a picture; the sweeper `FindStorageWork` behind it. Repeats: safe, objects of an attempt
/// before are written again under the same keys. Order: none; if the picture is deleted meanwhile, so are they. Gives up:
/// never while the object store is away; what is no picture after all is noted as such once and not tried again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct DrawThumbnails {
    /// The picture.
    pub blob: BlobId,
}

impl Job for DrawThumbnails {
    const KIND: &'static str = "files.draw_thumbnails";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = ObjectStore;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let blob = self.blob;
        let Some(size) = context.tenant("files.find_picture", move |tx| thumbnail::source(tx, blob)).await? else {
            return Ok(());
        };
        match drawn(context, blob, size).await? {
            Ok(drawn) => store(context, blob, drawn).await,
            Err(reason) => {
                tracing::info!(%blob, %reason, "no small picture can be made");
                Ok(context.tenant("files.fail_thumbnails", move |tx| thumbnail::fail(tx, blob)).await?)
            }
        }
    }
}

async fn drawn(
    context: &JobContext<DrawThumbnails>,
    blob: BlobId,
    size: i64,
) -> Result<Result<Vec<Drawn>, Undrawable>, JobError> {
    if size > MAX_FILE_BYTES {
        return Ok(Err(Undrawable::TooLarge));
    }
    let _turn = AT_WORK.acquire().await.map_err(JobError::retry)?;
    let mut file = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    let key = key(context.scope().tenant(), blob);
    context.deps().get(&key, None, &mut file).await.map_err(JobError::retry)?;
    Ok(tokio::task::spawn_blocking(move || draw(&file)).await.unwrap_or(Err(Undrawable::Panicked)))
}

async fn store(context: &JobContext<DrawThumbnails>, blob: BlobId, drawn: Vec<Drawn>) -> Result<(), JobError> {
    let objects = context.tenant("files.reserve_thumbnails", move |tx| thumbnail::reserve_objects(tx, blob)).await?;
    let mut made = Vec::new();
    for (preset, object) in objects {
        let Some(one) = drawn.iter().find(|one| one.preset == preset) else { continue };
        let key = key(context.scope().tenant(), object);
        context.deps().put(&key, &mut one.bytes.as_slice()).await.map_err(JobError::retry)?;
        made.push((object, one.clone()));
    }
    Ok(context.tenant("files.attach_thumbnails", move |tx| thumbnail::attach(tx, blob, &made)).await?)
}

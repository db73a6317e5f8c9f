use crate::{
    blob::expired,
    upload::abort,
    uploads::{end_expired, forget_ended},
};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Uploads given up in one run; the sweeper comes again for the rest.
const BATCH: i64 = 500;

/// Gives back the reservations of a tenant's uploads that ended with a crash or never, and forgets those that ended long ago.
///
/// Enqueued by: the sweeper `FindStorageWork`. Repeats: safe. Order: none; an upload that finishes first is not pending any
/// more. Gives up: never of itself.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct GiveUpUploads {}

impl Job for GiveUpUploads {
    const KIND: &'static str = "files.give_up_uploads";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        context
            .tenant("files.give_up_uploads", |tx| {
                end_expired(tx, BATCH)?;
                expired(tx, BATCH)?.into_iter().try_for_each(|blob| abort(tx, blob))?;
                forget_ended(tx)
            })
            .await?;
        Ok(())
    }
}

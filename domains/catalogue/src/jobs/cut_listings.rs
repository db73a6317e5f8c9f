use crate::market;
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Cuts one seller's listings anew where another version of the cutter has cut them.
///
/// Enqueued by: [`super::SweepCuts`]. Repeats: safe, what this version has cut is left alone. Order: none assumed; a listing shows its
/// product as it is now. Gives up: never (local and cheap).
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CutListings {}

impl Job for CutListings {
    const KIND: &'static str = "catalogue.cut_listings";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.tenant("catalogue.cut_listings", market::cut_outdated).await? > 0 {}
        Ok(())
    }
}

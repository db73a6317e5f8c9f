use audit::{keep_root, next_root};
use auth::KeyringError;
use db::{TenantScope, TenantTx};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::secrets::MasterKey;

/// Signs the roots over one chain's rows that are under none yet.
///
/// Enqueued by: the sweeper [`crate::FindNewAuditRows`]. Repeats: safe, a row under a root stays there. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SealAuditChain {}

impl Job for SealAuditChain {
    const KIND: &'static str = "platform.seal_audit_chain";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = MasterKey;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let master = context.deps().clone();
        loop {
            let sealed = context.tenant("platform.seal_audit_chain", seal(master.clone())).await;
            if !sealed.map_err(JobError::retry)? {
                return Ok(());
            }
        }
    }
}

/// Signs one root; says whether there were rows for it.
fn seal(master: MasterKey) -> impl Fn(&mut TenantTx<'_>) -> Result<bool, KeyringError> + Send + 'static {
    move |tx| {
        let Some(root) = next_root(tx)? else { return Ok(false) };
        let statement = root.statement(tx.tenant());
        let signed = tx.in_auth(|tx| auth::sign_statement(tx, &master, &statement))?;
        keep_root(tx, &root, (&signed.public_jwk, &signed.signature))?;
        Ok(true)
    }
}

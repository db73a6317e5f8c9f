use crate::chain::record_account;
use auth::{Authority, KeyringError};
use db::Db;
use kernel::Actor;

/// Puts a new signing key in the active one's place, and uses it from now on in this process; others follow within half a minute.
/// Tokens that the old key signed count until they end or, `at_once`, no longer. Returns the new key's id.
pub async fn rotate_signing_key(
    db: &Db,
    authority: &Authority,
    actor: Actor,
    at_once: bool,
) -> Result<String, KeyringError> {
    let master = authority.master_key.clone();
    let kid = db
        .auth("platform.rotate_signing_key", actor, move |tx| {
            let kid = auth::rotate_signing_key(tx, &master, at_once)?;
            let action = if at_once { "signing_key.replaced_at_once" } else { "signing_key.rotated" };
            record_account(tx, action, &kid)?;
            Ok::<_, KeyringError>(kid)
        })
        .await?;
    authority.keyring.reload(db).await?;
    Ok(kid)
}

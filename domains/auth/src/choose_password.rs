use crate::{HashError, Hasher, Password, WeakPassword};
use kernel::secrets::Secret;

/// Why a password was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChoosePasswordError {
    /// It may not be chosen.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// It could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// The hash of a password that somebody with these names chose.
pub(crate) async fn choose_password(
    hasher: &Hasher,
    chosen: &Secret,
    own_names: &[String],
) -> Result<String, ChoosePasswordError> {
    let names: Vec<&str> = own_names.iter().map(String::as_str).collect();
    Ok(hasher.hash(&Password::chosen(chosen.expose(), &names)?).await?)
}

//! A smecloud that runs, seen by another process.

use crate::{data_dir, parts, secrets};
use kernel::secrets::Secret;
use std::path::Path;

/// The embedded database of the smecloud that uses a data directory; `None` if none does, or it is not that far.
pub(crate) fn database(data_dir: &Path) -> anyhow::Result<Option<Secret>> {
    if !data_dir::is_taken(data_dir)? {
        return Ok(None);
    }
    let Some(password) = secrets::app_password(data_dir)? else { return Ok(None) };
    let url = embedded_postgres::url_of_running(data_dir, parts::APP, password.expose(), parts::DATABASE);
    Ok(url.map(Secret::new))
}

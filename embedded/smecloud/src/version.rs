//! Which program used the data directory last.

use crate::data_dir::DataDir;
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

pub(crate) const FILE: &str = "version.toml";

#[derive(Deserialize, Serialize)]
struct LastUse {
    /// The program's version.
    program: String,
    /// The newest migration of the schema.
    schema: String,
}

/// Refuses a directory that a newer program has used, before anything is started on it; else notes this program.
pub(crate) fn check_in(dir: &DataDir) -> anyhow::Result<()> {
    let schema = db::migrate::newest();
    if let Some(last) = read(dir)? {
        ensure!(
            last.schema <= schema,
            "a newer smecloud ({}) has used {}: start that version or a later one",
            last.program,
            dir.root().display()
        );
        if last.schema == schema && last.program == env!("CARGO_PKG_VERSION") {
            return Ok(());
        }
    }
    dir.write(FILE, &toml::to_string(&LastUse { program: env!("CARGO_PKG_VERSION").to_owned(), schema })?)
}

/// The newest migration that the directory's database may have.
pub(crate) fn schema_of(dir: &DataDir) -> anyhow::Result<String> {
    Ok(read(dir)?.map_or_else(db::migrate::newest, |last| last.schema))
}

fn read(dir: &DataDir) -> anyhow::Result<Option<LastUse>> {
    let Some(text) = dir.read(FILE)? else { return Ok(None) };
    toml::from_str(&text).map(Some).with_context(|| format!("{} is damaged", dir.path(FILE).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_programs_data_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temporary.path()).unwrap();
        check_in(&dir).unwrap();
        check_in(&dir).unwrap();
        assert_eq!(schema_of(&dir).unwrap(), db::migrate::newest());
        dir.write(FILE, "program = \"9.0.0\"\nschema = \"99990101000000\"\n").unwrap();
        let refusal = check_in(&dir).unwrap_err().to_string();
        assert!(refusal.contains("a newer smecloud (9.0.0) has used"), "{refusal}");
    }
}

//! Secrets of the embedded parts: made once, kept in `DATA_DIR/secrets.toml`.

use crate::data_dir::DataDir;
use anyhow::{Context, anyhow};
use kernel::secrets::{MasterKey, Secret, random_bytes};
use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

pub(crate) const FILE: &str = "secrets.toml";
/// The name of the password of the platform's role in the embedded database.
const APP_PASSWORD: &str = "database_app_password";

/// Every secret that embedded parts and platform share.
#[derive(Debug)]
pub(crate) struct Secrets {
    /// Wraps signing keys, second factors and webhook secrets.
    pub(crate) master_key: MasterKey,
    /// Password of `smecloud_owner`.
    pub(crate) owner_password: Secret,
    /// Password of `smecloud_app`.
    pub(crate) app_password: Secret,
    /// Access key of the object store.
    pub(crate) s3_access_key: String,
    /// Secret key of the object store.
    pub(crate) s3_secret_key: Secret,
    /// Key of the simulated payment provider.
    pub(crate) stripe_secret_key: Secret,
    /// Secret of its webhooks' signatures.
    pub(crate) stripe_webhook_secret: Secret,
}

impl Secrets {
    /// Reads the secrets, and makes those that are missing.
    pub(crate) fn load_or_make(dir: &DataDir) -> anyhow::Result<Self> {
        let mut kept = Kept::read(dir)?;
        let secrets = Self {
            master_key: MasterKey::from_hex(&kept.get("secrets_key")?)
                .map_err(|error| anyhow!("secrets_key in {}: {error}", dir.path(FILE).display()))?,
            owner_password: Secret::new(kept.get("database_owner_password")?),
            app_password: Secret::new(kept.get(APP_PASSWORD)?),
            s3_access_key: kept.get("s3_access_key")?,
            s3_secret_key: Secret::new(kept.get("s3_secret_key")?),
            stripe_secret_key: Secret::new(format!("sk_test_{}", kept.get("stripe_secret_key")?)),
            stripe_webhook_secret: Secret::new(format!("whsec_{}", kept.get("stripe_webhook_secret")?)),
        };
        kept.write(dir)?;
        Ok(secrets)
    }
}

/// The password of the platform's role in the embedded database, as another process made it; `None` if it has not yet.
pub(crate) fn app_password(data_dir: &Path) -> anyhow::Result<Option<Secret>> {
    let path = data_dir.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Ok(parse(&text, &path)?.remove(APP_PASSWORD).map(Secret::new))
}

// The parser's own message would show the line, and with it a secret.
fn parse(text: &str, path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    toml::from_str(text).map_err(|_| anyhow!("{} cannot be read; put it back from a backup", path.display()))
}

/// The file: names and 64 hexadecimal digits each.
struct Kept {
    values: BTreeMap<String, String>,
    changed: bool,
}

impl Kept {
    fn read(dir: &DataDir) -> anyhow::Result<Self> {
        let text = dir.read(FILE)?.unwrap_or_default();
        Ok(Self { values: parse(&text, &dir.path(FILE))?, changed: false })
    }

    fn get(&mut self, name: &str) -> anyhow::Result<String> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let value = hex::encode(random_bytes::<32>()?);
        self.changed = true;
        self.values.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    fn write(&self, dir: &DataDir) -> anyhow::Result<()> {
        if self.changed { dir.write(FILE, &toml::to_string(&self.values)?) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_all_differ() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temporary.path()).unwrap();
        let first = Secrets::load_or_make(&dir).unwrap();
        let kept = dir.read(FILE).unwrap().unwrap();
        let second = Secrets::load_or_make(&dir).unwrap();
        assert_eq!(first.app_password, second.app_password);
        assert_eq!(dir.read(FILE).unwrap().unwrap(), kept);
        let values: std::collections::HashSet<&str> = kept.lines().filter_map(|line| line.split('"').nth(1)).collect();
        assert_eq!(values.len(), 7);
    }

    #[test]
    fn a_damaged_file_is_neither_replaced_nor_shown() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temporary.path()).unwrap();
        dir.write(FILE, "secrets_key = \"5a5a").unwrap();
        let refusal = format!("{:#}", Secrets::load_or_make(&dir).unwrap_err());
        assert!(refusal.contains("secrets.toml") && !refusal.contains("5a5a"), "{refusal}");
        assert_eq!(dir.read(FILE).unwrap().as_deref(), Some("secrets_key = \"5a5a"));
    }
}

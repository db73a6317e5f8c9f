//! The platform's first administrator.

use crate::data_dir::DataDir;
use anyhow::Context;
use api::config::AdminSettings;
use auth::{Authority, totp::TotpSecret};
use db::Db;
use kernel::secrets::{Secret, random_bytes};
use platform::NewAdministrator;
use tenants::EmailAddress;

pub(crate) const FILE: &str = "admin-credentials.txt";
/// The address when none is configured.
const EMAIL: &str = "admin@smecloud.example";
/// What the file says of a password that stands in the settings already.
const CONFIGURED: &str = "(PLATFORM_ADMIN_PASSWORD)";

/// An administrator who was just made.
pub(crate) struct Made {
    /// Their address.
    pub(crate) email: String,
    /// Their password, unless it came from the settings.
    pub(crate) password: Option<Secret>,
}

/// Makes the configured administrator, or in embedded mode (`dir`) one of its own, unless that one exists. In embedded mode
/// the credentials are on disk before they are in the database, so that a crash in between locks nobody out.
pub(crate) async fn ensure(
    db: &Db,
    authority: &Authority,
    configured: Option<&AdminSettings>,
    dir: Option<&DataDir>,
) -> anyhow::Result<Option<Made>> {
    let email = configured.map_or(EMAIL, |admin| admin.email.as_str());
    let email: EmailAddress = email.parse().context("PLATFORM_ADMIN_EMAIL is not an e-mail address")?;
    let (password, totp) = match (configured, dir) {
        (None, None) => return Ok(None),
        (Some(admin), None) => (admin.password.clone(), None),
        (_, Some(dir)) => {
            let kept = Kept::load_or_make(dir, &email, configured.is_some())?;
            let password = configured.map_or(kept.password, |admin| admin.password.clone());
            (password, Some(kept.totp))
        }
    };
    let new = NewAdministrator { email, password, totp };
    let made = platform::ensure_administrator(db, authority, &new).await.context("cannot make the administrator")?;
    let own = configured.is_none().then_some(new.password);
    Ok(made.then(|| Made { email: new.email.to_string(), password: own }))
}

/// Makes a further administrator with a random password, which it returns; `None` if there is one with this address.
pub(crate) async fn create(db: &Db, authority: &Authority, email: &str) -> anyhow::Result<Option<Secret>> {
    let email: EmailAddress = email.parse().context("--email is not an e-mail address")?;
    let new = NewAdministrator { email, password: random_password()?, totp: None };
    let made = platform::ensure_administrator(db, authority, &new).await?;
    Ok(made.then_some(new.password))
}

fn random_password() -> anyhow::Result<Secret> {
    Ok(Secret::new(hex::encode(random_bytes::<12>()?)))
}

/// One administrator's block in the file.
struct Kept {
    password: Secret,
    totp: TotpSecret,
}

impl Kept {
    fn load_or_make(dir: &DataDir, email: &EmailAddress, configured: bool) -> anyhow::Result<Self> {
        let mut text = dir.read(FILE)?.unwrap_or_default();
        if let Some(block) = text.split("\n\n").find(|block| field(block, "email") == Some(email.as_str())) {
            return Self::read(block).with_context(|| format!("{} is damaged", dir.path(FILE).display()));
        }
        let kept = Self { password: random_password()?, totp: TotpSecret::generate()? };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&kept.block(email, configured)?);
        dir.write(FILE, &text)?;
        Ok(kept)
    }

    fn read(block: &str) -> anyhow::Result<Self> {
        let password = field(block, "password").context("no password")?;
        let totp = TotpSecret::from_base32(field(block, "totp_secret").context("no totp_secret")?)?;
        Ok(Self { password: Secret::new(password.to_owned()), totp })
    }

    fn block(&self, email: &EmailAddress, configured: bool) -> anyhow::Result<String> {
        let password = if configured { CONFIGURED } else { self.password.expose() };
        let (totp, url) = (self.totp.to_base32(), self.totp.otpauth_url(email.as_str())?);
        Ok(format!("email: {email}\npassword: {password}\ntotp_secret: {totp}\ntotp_url: {url}\n"))
    }
}

fn field<'a>(block: &'a str, name: &str) -> Option<&'a str> {
    block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_made_once_for_each_address() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temporary.path()).unwrap();
        let (one, two) = ("one@smecloud.example".parse().unwrap(), "two@smecloud.example".parse().unwrap());
        let first = Kept::load_or_make(&dir, &one, false).unwrap();
        let other = Kept::load_or_make(&dir, &two, true).unwrap();
        let again = Kept::load_or_make(&dir, &one, false).unwrap();
        assert_eq!((&first.password, first.totp.bytes()), (&again.password, again.totp.bytes()));
        assert_ne!(first.totp.bytes(), other.totp.bytes());
        assert!(dir.read(FILE).unwrap().unwrap().contains("password: (PLATFORM_ADMIN_PASSWORD)"));
    }
}

//! PostgreSQL on a temporary folder, with the platform's schema.

use db::migrate::{self, RolePasswords};
use diesel::{Connection, PgConnection};
use embedded_postgres::EmbeddedPostgres;
use kernel::secrets::Secret;
use std::{fs, os::unix::fs::PermissionsExt};

const DATABASE: &str = "smecloud";
const PASSWORD: &str = "onlyforbench";

pub(crate) struct Place {
    // Fields drop in this order: the server ends before its files go.
    postgres: EmbeddedPostgres,
    dir: tempfile::TempDir,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(elsewhere) = fs::read_link(self.dir.path().join("pg")) {
            let _ = fs::remove_dir_all(elsewhere);
        }
    }
}

impl Place {
    pub(crate) fn open() -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("bench-search-").tempdir()?;
        // PostgreSQL's account must be able to enter.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        let set = [("max_wal_size", "4GB"), ("maintenance_work_mem", "512MB"), ("shared_buffers", "1GB")];
        let settings = set.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let postgres = EmbeddedPostgres::start(&embedded_postgres::Config { root: dir.path().to_owned(), settings })?;
        let superuser = postgres.superuser_url("postgres");
        let passwords = RolePasswords { owner: Secret::new(PASSWORD.into()), app: Secret::new(PASSWORD.into()) };
        migrate::bootstrap(&superuser, &passwords)?;
        migrate::create_database(&superuser, DATABASE)?;
        migrate::migrate(&postgres.url("smecloud_owner", PASSWORD, DATABASE))?;
        Ok(Self { postgres, dir })
    }

    /// Where the platform connects.
    pub(crate) fn app_url(&self) -> String {
        self.postgres.url("smecloud_app", PASSWORD, DATABASE)
    }

    /// Past all rules.
    pub(crate) fn superuser(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::establish(&self.postgres.superuser_url(DATABASE))?)
    }
}

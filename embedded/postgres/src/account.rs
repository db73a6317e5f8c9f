//! The account the server runs under: PostgreSQL refuses to run as root.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{AtPath, StartError};

/// The account of the server: our own, or an unprivileged one when we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    switch_to: Option<(u32, u32)>,
}

impl Account {
    /// Our own account; as root the owner of the cluster that is there already, else `postgres`, else `nobody`.
    pub(crate) fn for_cluster(home: &Path) -> Self {
        if !we_are_root() {
            return Self { switch_to: None };
        }
        let owner = fs::metadata(home).ok().map(|meta| (meta.uid(), meta.gid())).filter(|(uid, _)| *uid != 0);
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let named = || ["postgres", "nobody"].iter().find_map(|name| look_up(&passwd, name));
        Self { switch_to: Some(owner.or_else(named).unwrap_or((65534, 65534))) }
    }

    /// User and group to switch to, if they are not our own.
    pub(crate) fn switch_to(self) -> Option<(u32, u32)> {
        self.switch_to
    }

    /// A command under this account with nothing inherited: empty environment, no input, its own process group so
    /// that Ctrl-C reaches only our program.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        if let Some((uid, gid)) = self.switch_to {
            command.uid(uid).gid(gid); // the standard library drops the supplementary groups itself
        }
        command
    }

    /// Makes a directory only this account may enter, or hands over the one that is there.
    pub(crate) fn make_private_dir(self, path: &Path) -> Result<(), StartError> {
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.at("make", path)?,
        }
        self.own(path)
    }

    /// Makes this account the owner of `path`.
    pub(crate) fn own(self, path: &Path) -> Result<(), StartError> {
        match self.switch_to {
            Some((uid, gid)) => chown(path, Some(uid), Some(gid)).at("change the owner of", path),
            None => Ok(()),
        }
    }

    /// Whether this account may walk to `dir`; root's 0700 home, for one, lets nobody through.
    pub(crate) fn can_reach(self, dir: &Path) -> bool {
        let Some((uid, gid)) = self.switch_to else { return true };
        let may_pass = |meta: Metadata| {
            let class = if meta.uid() == uid {
                0o100
            } else if meta.gid() == gid {
                0o010
            } else {
                0o001
            };
            meta.mode() & class != 0
        };
        dir.ancestors().skip(1).all(|parent| fs::metadata(parent).is_ok_and(may_pass))
    }
}

fn we_are_root() -> bool {
    #[expect(unsafe_code, reason = "geteuid reads one number and cannot fail; the standard library has no such call")]
    let uid = unsafe { libc::geteuid() };
    uid == 0
}

fn look_up(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        found.then_some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_account_is_read_from_passwd() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbad line\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/sh\n";
        assert_eq!(look_up(passwd, "postgres"), Some((101, 104)));
        assert_eq!(look_up(passwd, "nobody"), None);
    }

    #[test]
    fn a_closed_parent_cannot_be_passed() {
        let base = tempfile::tempdir().unwrap();
        fs::set_permissions(base.path(), Permissions::from_mode(0o700)).unwrap();
        let stranger = Account { switch_to: Some((65533, 65533)) };
        assert!(!stranger.can_reach(&base.path().join("pg")));
        assert!(stranger.can_reach(Path::new("/tmp")));
        assert!(Account { switch_to: None }.can_reach(&base.path().join("pg")));
    }
}

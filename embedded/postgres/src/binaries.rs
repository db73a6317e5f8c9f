//! Finds PostgreSQL's server programs.

use std::env;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use crate::error::StartError;

/// The major versions the product is tested with.
const SUPPORTED: RangeInclusive<u32> = 15..=18;

/// A folder with `postgres` and `initdb` of one version.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// The first usable folder of: `PG_BINDIR` (then no other), Debian's packages with the newest first, `PATH`,
    /// `<root>/postgres/bin`. A cluster that stands runs only under its own `major`.
    pub(crate) fn find(root: &Path, account: Account, major: Option<u32>) -> Result<Self, StartError> {
        let wanted = major.map_or(SUPPORTED, |major| major..=major);
        let mut looked = Vec::new();
        for dir in candidates(root) {
            match usable(&dir, account, &wanted) {
                Ok(dir) => return Ok(Self { dir }),
                Err(reason) => looked.push(format!("{}: {reason}", dir.display())),
            }
        }
        if let Some(major) = major {
            let looked = if looked.is_empty() { "none are installed".to_owned() } else { looked.join("; ") };
            return Err(StartError::OtherMajor { major, looked });
        }
        let looked: Vec<_> = looked.iter().map(|line| format!("\n  {line}")).collect();
        Err(StartError::NoBinaries { wanted: describe(&wanted), looked: looked.concat() })
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }
}

fn candidates(root: &Path) -> Vec<PathBuf> {
    if let Some(dir) = env::var_os("PG_BINDIR") {
        return vec![dir.into()];
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut dirs = debian_packages();
    dirs.extend(env::split_paths(&path));
    dirs.push(root.join("postgres/bin"));
    dirs.retain(|dir| dir.join("postgres").exists());
    dirs
}

fn debian_packages() -> Vec<PathBuf> {
    let majors = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = majors
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// Resolves links first (a folder on the way to a link may be closed to the account), then asks the program itself.
fn usable(dir: &Path, account: Account, wanted: &RangeInclusive<u32>) -> Result<PathBuf, String> {
    let dir = dir.canonicalize().map_err(|error| error.to_string())?;
    if !dir.join("initdb").exists() {
        return Err("it has no initdb".to_owned());
    }
    let version = version_of(account.command(&dir.join("postgres")))?;
    match parse_major(&version) {
        Some(major) if wanted.contains(&major) => Ok(dir),
        _ => Err(format!("{} is not version {}", version.trim(), describe(wanted))),
    }
}

fn version_of(mut postgres: Command) -> Result<String, String> {
    let output =
        postgres.arg("--version").output().map_err(|error| format!("the server's account cannot run it: {error}"))?;
    if !output.status.success() {
        return Err(format!("--version fails: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, also `18beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split(' ').nth(2)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn describe(majors: &RangeInclusive<u32>) -> String {
    if majors.start() == majors.end() {
        majors.start().to_string()
    } else {
        format!("{} to {}", majors.start(), majors.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_is_read_from_the_version_line() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("nonsense"), None);
    }

    #[test]
    fn a_missing_version_names_what_was_found_and_the_remedy() {
        let root = tempfile::tempdir().unwrap();
        let account = Account::for_cluster(root.path());
        let error = Binaries::find(root.path(), account, Some(9)).unwrap_err().to_string();
        assert!(error.contains("apt-get install postgresql-9)"), "{error}");
        assert!(error.contains("is not version 9"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

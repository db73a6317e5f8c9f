//! The cluster's files: where they lie, who owns them, and how they are made.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use rand::TryRngCore as _;

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::{AtPath, StartError};
use crate::{SUPERUSER, postmaster};

/// The longest path of a unix socket Linux takes, without the closing zero byte.
const SOCKET_PATH_MAX: usize = 107;

/// The superuser's password, in the cluster's folder.
pub(crate) const PASSWORD_FILE: &str = "password";
/// The folder of a cluster that is not complete yet.
pub(crate) const HALF_MADE: &str = "data.new";

/// A complete cluster, locked for this process.
#[derive(Debug)]
pub(crate) struct Cluster {
    account: Account,
    binaries: Binaries,
    data: PathBuf,
    log: PathBuf,
    socket_dir: SocketDir,
    password: String,
    _lock: File,
}

impl Cluster {
    /// Opens the cluster of the data directory `root`, making it the first time.
    pub(crate) fn open(root: &Path, settings: &[(String, String)]) -> Result<Self, StartError> {
        fs::create_dir_all(root).at("make", root)?;
        let root = root.canonicalize().at("resolve", root)?;
        let link = root.join("pg");
        let account = Account::for_cluster(&link);
        let home = make_home(&link, account)?;
        let lock = lock(&home)?;
        let data = home.join("data");
        let binaries = Binaries::find(&root, account, major_of(&data))?;
        let password_file = home.join(PASSWORD_FILE);
        if !data.exists() {
            let sync = !settings.iter().any(|(name, value)| name == "fsync" && value == "off");
            Initdb { account, binaries: &binaries, home: &home, password_file: &password_file, sync }.run(&data)?;
        }
        let password = fs::read_to_string(&password_file).at("read", &password_file)?;
        let socket_dir = SocketDir::make(&home, account)?;
        Ok(Self { account, binaries, data, log: root.join("postgres.log"), socket_dir, password, _lock: lock })
    }

    pub(crate) fn account(&self) -> Account {
        self.account
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.binaries.postgres()
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    pub(crate) fn socket_dir(&self) -> &Path {
        &self.socket_dir.path
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

/// Makes the cluster's folder where its account can reach it. The substitute has a random name, so that two data
/// directories never share one, whatever is moved or deleted by hand.
pub(crate) fn make_home(link: &Path, account: Account) -> Result<PathBuf, StartError> {
    if !link.exists() && !account.can_reach(link) {
        let substitute = PathBuf::from(format!("/var/lib/smecloud-postgres-{}", random_hex::<8>()?));
        account.make_private_dir(&substitute)?;
        symlink(&substitute, link).at("link", link)?;
    }
    account.make_private_dir(link)?;
    link.canonicalize().at("resolve", link)
}

/// The major version of the cluster in `data`, if there is one.
fn major_of(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// The kernel frees the lock however this process ends.
pub(crate) fn lock(home: &Path) -> Result<File, StartError> {
    let path = home.join("lock");
    let file = File::options().create(true).append(true).mode(0o600).open(&path).at("open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(home.to_owned())),
        Err(TryLockError::Error(source)) => Err(source).at("lock", &path),
    }
}

/// Removes what an attempt that was cut short left.
pub(crate) fn remove_half_made(path: &Path) -> Result<(), StartError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.at("remove", path),
    }
}

/// One run of `initdb`.
struct Initdb<'a> {
    account: Account,
    binaries: &'a Binaries,
    home: &'a Path,
    password_file: &'a Path,
    sync: bool,
}

impl Initdb<'_> {
    /// Works in a second folder and renames it, so that `data` is always a complete cluster.
    fn run(&self, data: &Path) -> Result<(), StartError> {
        let half_made = self.home.join(HALF_MADE);
        remove_half_made(&half_made)?;
        self.write_password()?;
        self.make(&half_made)?;
        fs::rename(&half_made, data).at("rename", &half_made)?;
        File::open(self.home).and_then(|dir| dir.sync_all()).at("sync", self.home)
    }

    fn write_password(&self) -> Result<(), StartError> {
        let password = random_hex::<24>()?;
        let path = self.password_file;
        let mut options = File::options();
        options.create(true).write(true).truncate(true).mode(0o600);
        let write = |mut file: File| file.write_all(password.as_bytes()).and_then(|()| file.sync_all());
        options.open(path).and_then(write).at("write", path)?;
        self.account.own(path)
    }

    fn make(&self, data: &Path) -> Result<(), StartError> {
        let program = self.binaries.initdb();
        let mut initdb = self.account.command(&program);
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--data-checksums"]);
        initdb.args(["--username", SUPERUSER, "--pwfile"]).arg(self.password_file).arg("--pgdata").arg(data);
        if !self.sync {
            initdb.arg("--no-sync");
        }
        postmaster::die_with_this_thread(&mut initdb, libc::SIGTERM);
        let output = initdb.output().at("run", &program)?;
        if output.status.success() {
            return Ok(());
        }
        let text = [output.stdout, output.stderr].concat();
        Err(StartError::Initdb(String::from_utf8_lossy(&text).into_owned()))
    }
}

/// The folder of the socket, in the cluster's folder or, when that path is too long, in `/tmp`.
#[derive(Debug)]
struct SocketDir {
    path: PathBuf,
    temporary: bool,
}

impl SocketDir {
    fn make(home: &Path, account: Account) -> Result<Self, StartError> {
        let path = home.join("run");
        let temporary = postmaster::socket_in(&path).as_os_str().len() > SOCKET_PATH_MAX;
        let path = if temporary { PathBuf::from(format!("/tmp/smecloud-{}", random_hex::<12>()?)) } else { path };
        account.make_private_dir(&path)?;
        Ok(Self { path, temporary })
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "cannot remove the socket's folder");
        }
    }
}

fn random_hex<const BYTES: usize>() -> Result<String, StartError> {
    let mut bytes = [0; BYTES];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|error| StartError::System(io::Error::other(error)))?;
    Ok(hex::encode(bytes))
}

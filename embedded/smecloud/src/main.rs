//! Everything in one process tree, for one machine: the API, the worker, and a stand-in for every outside service that the
//! settings do not name.
//!
//! ```text
//! start: data directory -> PostgreSQL -> (schema, object store, payment simulator, mail catcher) -> administrator -> API, worker
//! stop:  API -> worker -> payment simulator -> object store -> mail catcher -> PostgreSQL
//! ```

mod admin;
mod audit_check;
mod backup;
mod base;
mod check;
mod clock;
mod commands;
mod copies;
mod data_dir;
mod dev;
mod ground;
mod house;
mod parts;
mod ready;
mod reconcile;
mod running;
mod secrets;
mod signals;
mod version;

use api::memory;
use clap::{Parser, Subcommand};
use std::{io::Write, path::PathBuf, process::ExitCode};
use url::Url;

/// SME Cloud on one machine. Settings come from the environment or the file named by `SMECLOUD_CONFIG`.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs everything until SIGINT or SIGTERM; the default.
    Run {
        /// Makes the demo firms the first time.
        #[arg(long)]
        demo: bool,
    },
    /// Brings the database's schema to this program's version and ends.
    Migrate,
    /// Makes the demo firms and ends.
    Seed,
    /// Prints the OpenAPI document and ends.
    Openapi,
    /// Copies everything embedded, as it is at one moment, while it runs or not. Needs the same `DATA_DIR`.
    Backup {
        /// The folder to make; with --verify the one to check.
        folder: PathBuf,
        /// Reads a backup again and compares every file's digest.
        #[arg(long)]
        verify: bool,
    },
    /// Puts a backup into an empty data directory.
    Restore {
        /// The backup.
        backup: PathBuf,
        /// The data directory; `DATA_DIR` if it is left out.
        #[arg(long)]
        data_dir: Option<PathBuf>,
    },
    /// Asks an address over plain HTTP and fails unless it answers 200; for health checks.
    Check {
        /// Such as <http://127.0.0.1:8080/readyz>.
        url: Url,
    },
    /// Keys that sign tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Administrators of the platform.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Audit logs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The objects of files.
    #[command(subcommand)]
    Storage(StorageCommand),
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Puts a new key in the place of the one that signs tokens; running processes follow within half a minute.
    Rotate {
        /// Tokens of the old key stop working at once: after a theft.
        #[arg(long)]
        at_once: bool,
    },
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Makes an administrator and prints the password, once. The second factor is enrolled at the first log-in.
    Create {
        /// The administrator's address.
        #[arg(long)]
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Recomputes the hash chains of the database, also while the platform runs, or that of an export, and names the first row
    /// that is not right.
    Verify(audit_check::Verify),
}

#[derive(Debug, Subcommand)]
enum StorageCommand {
    /// Compares the object store with the database, both ways, and names what differs and is older than two days.
    Reconcile(reconcile::Reconcile),
}

fn main() -> ExitCode {
    // Before the first thread.
    memory::give_back();
    obey()
}

#[tokio::main]
async fn obey() -> ExitCode {
    let outcome = match Arguments::parse().command.unwrap_or(Command::Run { demo: false }) {
        Command::Run { demo } => Box::pin(commands::run(demo)).await,
        Command::Migrate => commands::migrate().await,
        Command::Seed => commands::seed().await,
        Command::Openapi => commands::print_document(),
        Command::Backup { folder, verify: true } => copies::verify(folder).await,
        Command::Backup { folder, verify: false } => copies::backup(folder).await,
        Command::Restore { backup, data_dir } => copies::restore(backup, data_dir).await,
        Command::Check { url } => check::run(&url),
        Command::Keys(KeysCommand::Rotate { at_once }) => commands::rotate_signing_key(at_once).await,
        Command::Admin(AdminCommand::Create { email }) => commands::create_administrator(&email).await,
        Command::Storage(StorageCommand::Reconcile(wish)) => reconcile::reconcile(wish).await,
        Command::Audit(AuditCommand::Verify(verify)) => audit_check::verify(verify).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // PostgreSQL's client library breaks its lines.
            let reason = format!("{error:#}").replace("\n\t", " ");
            // Nothing is left to be done if even this line cannot be written.
            let _ = writeln!(std::io::stderr(), "smecloud: {reason}");
            ExitCode::FAILURE
        }
    }
}

//! Everything in one process tree, for one machine: the API, the worker, and a stand-in for every outside service that the
//! settings do not name.
//!
//! ```text
//! start: data directory -> PostgreSQL -> (schema, object store, payment simulator, mail catcher) -> administrator -> API, worker
//! stop:  API -> worker -> payment simulator -> object store -> mail catcher -> PostgreSQL
//! ```

mod admin;
mod base;
mod clock;
mod commands;
mod data_dir;
mod dev;
mod ground;
mod house;
mod parts;
mod ready;
mod secrets;
mod signals;

use clap::{Parser, Subcommand};
use std::{io::Write, process::ExitCode};

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
    /// Keys that sign tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Administrators of the platform.
    #[command(subcommand)]
    Admin(AdminCommand),
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

fn main() -> ExitCode {
    // Before the first thread.
    give_memory_back();
    obey()
}

#[tokio::main]
async fn obey() -> ExitCode {
    let outcome = match Arguments::parse().command.unwrap_or(Command::Run { demo: false }) {
        Command::Run { demo } => Box::pin(commands::run(demo)).await,
        Command::Migrate => commands::migrate().await,
        Command::Seed => commands::seed().await,
        Command::Openapi => commands::print_document(),
        Command::Keys(KeysCommand::Rotate { at_once }) => commands::rotate_signing_key(at_once).await,
        Command::Admin(AdminCommand::Create { email }) => commands::create_administrator(&email).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if even this line cannot be written.
            let _ = writeln!(std::io::stderr(), "smecloud: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Large buffers (parts of uploads, password hashing) go back to the system when they are free, instead of staying with the
/// thread that had them.
fn give_memory_back() {
    #[cfg(target_env = "gnu")]
    {
        const LARGE: libc::c_int = 1 << 20;
        const ARENAS: libc::c_int = 4;
        // SAFETY: only numbers are passed; a refused one changes nothing.
        #[expect(unsafe_code, reason = "the allocator of the C library has no other way in")]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
            libc::mallopt(libc::M_ARENA_MAX, ARENAS);
        }
    }
}

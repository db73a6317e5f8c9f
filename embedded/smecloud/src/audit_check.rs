//! `smecloud audit verify`

use crate::{ground::Ground, parts::Parts, running};
use anyhow::{Context, bail};
use api::config::Config;
use audit::{Chain, Head, platform_chain};
use clap::Args;
use db::{Db, DbConfig};
use kernel::{SystemClock, ids::TenantId};
use std::{
    fs::File,
    io::{BufRead, BufReader, Write, stdout},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What is checked.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Only this firm's chain; otherwise the platform's own and every firm's.
    #[arg(long, conflicts_with = "export")]
    tenant: Option<TenantId>,
    /// The row that an export must have, as `Audit-Head` named it: whether its end was cut off is not seen otherwise.
    #[arg(long, value_name = "SEQ:HASH", requires = "export")]
    head: Option<Head>,
    /// An export (JSON Lines) to be checked by itself, with no access to the platform.
    export: Option<PathBuf>,
}

/// Checks an export, or the database.
pub(crate) async fn verify(verify: Verify) -> anyhow::Result<()> {
    match verify.export {
        Some(path) => check_export(&path, verify.head.as_ref()),
        None => check_database(verify.tenant).await,
    }
}

fn check_export(path: &Path, head: Option<&Head>) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let (mut chain, with_head) = (Chain::part(head.cloned()), head.is_some());
    let mut first = None;
    for line in BufReader::new(file).lines() {
        let line = line.with_context(|| path.display().to_string())?;
        chain.follow_line(&line)?;
        first = first.or_else(|| chain.last_seq());
    }
    let (rows, last) = chain.end()?;
    let mut out = stdout();
    writeln!(out, "{}: {rows} rows, {} to {}: unbroken.", path.display(), first.unwrap_or_default(), last.seq)?;
    if let Some(first) = first.filter(|first| *first > 1) {
        writeln!(out, "Rows before {first} are not in this export.")?;
    }
    if !with_head {
        writeln!(
            out,
            "Without --head it is not known whether rows after {} were cut off. This export's head is {last}",
            last.seq
        )?;
    }
    Ok(())
}

/// Asks the database that runs, or starts the embedded one for the time of the check.
async fn check_database(tenant: Option<TenantId>) -> anyhow::Result<()> {
    let mut config = Config::load()?;
    if config.database_url.is_some() {
        return check_chains(&config, tenant).await;
    }
    if let Some(url) = running::database(&config.data_dir)? {
        config.database_url = Some(url);
        return check_chains(&config, tenant).await;
    }
    let ground = Ground::open(&mut config)?.context("no embedded database")?;
    let parts = Parts::start_database(&mut config, &ground).await?;
    let checked = check_chains(&config, tenant).await;
    parts.stop().await;
    checked
}

async fn check_chains(config: &Config, tenant: Option<TenantId>) -> anyhow::Result<()> {
    let url = config.database_url.as_ref().context("DATABASE_URL is not set")?;
    let db = Db::new(&DbConfig::new(url.expose().as_str()), Arc::new(SystemClock::default()));
    db.self_check().await?;
    let chains = match tenant {
        Some(tenant) => vec![tenant],
        None => platform::audit_chains(&db).await?,
    };
    let (mut broken, mut out) = (0_usize, stdout());
    for tenant in chains {
        let name = if tenant == platform_chain() { "platform".to_owned() } else { tenant.to_string() };
        match platform::verify_audit_chain(&db, tenant).await {
            Ok((rows, head)) => writeln!(out, "{name}: {rows} rows, unbroken. The head is {head}")?,
            Err(platform::VerifyAuditError::Broken(error)) => {
                broken += 1;
                writeln!(out, "{name}: {error}")?;
            }
            Err(platform::VerifyAuditError::Db(error)) => return Err(error.into()),
        }
    }
    if broken > 0 {
        bail!("{broken} audit chains are broken");
    }
    Ok(())
}

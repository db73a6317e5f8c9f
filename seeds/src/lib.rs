//! Demo firms of Guangdong: a furniture maker in Foshan, a tea farm in Chaozhou, an electronics trader in Shenzhen, with
//! people, files, products and trade among them over four months. Everything is done as a person would do it, through domain
//! functions; what lies in the past is done by a clock that stands there.
//!
//! - INV-S1: running twice changes nothing. A firm that is complete says so in its metadata, and when all do, nobody even
//!   signs in, so whatever people have changed since stays changed.
//! - INV-S2: an interrupted run is completed by the next one. Each thing is known by its natural key: a person by the
//!   address, a product by its SKU, a file by its path, an order by the buyer's own number.

mod data;
mod documents;
mod firm;
mod history;
mod invoices;
mod people;
mod picture;
mod series;
mod shelf;
mod storage;
mod trade;

use crate::{
    data::{Firm, World},
    firm::OpenFirm,
};
use auth::Authority;
use chrono::{DateTime, Utc};
use db::Db;
use files::ObjectStore;
use kernel::{ManualClock, permission::Role};
use orders::Terms;
use payments::Gateway;
use std::sync::Arc;

/// The password of everybody in the demo firms.
pub const PASSWORD: &str = "lychee-harbour-2026";

/// What the seeds are sown with.
#[derive(Debug, Clone)]
pub struct SeedDeps {
    /// The database.
    pub db: Db,
    /// Signs people up and in.
    pub authority: Authority,
    /// Where files' bytes go.
    pub objects: ObjectStore,
    /// Takes test payments: the simulator or a provider's test mode. Without one all orders stay unpaid.
    pub gateway: Option<Gateway>,
    /// The terms of the orders.
    pub terms: Terms,
}

/// Somebody who can sign in to a demo firm.
#[derive(Debug, Clone)]
pub struct DemoLogIn {
    /// The firm's name.
    pub firm: String,
    /// What the person is called.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: &'static str,
}

/// What there is after a run.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Everybody who can sign in, firm by firm, owners first.
    pub log_ins: Vec<DemoLogIn>,
    /// Whether this run had anything to do.
    pub planted: bool,
}

/// A run at work: what it works with, and whom it tells.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) deps: &'a SeedDeps,
    say: &'a (dyn Fn(&str) + Sync),
}

impl Run<'_> {
    /// The database as it was reached at an instant of the past; now if there is none.
    pub(crate) fn db_at(&self, instant: Option<DateTime<Utc>>) -> Db {
        let now = self.deps.db.clock().now();
        match instant.filter(|instant| *instant < now) {
            Some(instant) => self.deps.db.with_clock(Arc::new(ManualClock::at(instant))),
            None => self.deps.db.clone(),
        }
    }

    /// Tells of a step, outside any transaction: a run that ends here is completed by the next one.
    pub(crate) fn say(&self, step: &str) {
        (self.say)(step);
    }
}

/// Plants what is missing of the demo firms, and tells `progress` of each step.
///
/// Fails where a demo address belongs to somebody with another password, or a service does not answer; the next run goes on
/// from there.
pub async fn run(deps: SeedDeps, progress: impl Fn(&str) + Send + Sync) -> anyhow::Result<Summary> {
    let world = World::load()?;
    let run = Run { deps: &deps, say: &progress };
    let planted = !firm::all_complete(run, &world.firms).await?;
    if planted {
        plant(run, &world).await?;
    }
    Ok(Summary { log_ins: world.firms.iter().flat_map(log_ins).collect(), planted })
}

async fn plant(run: Run<'_>, world: &World) -> anyhow::Result<()> {
    let mut firms = Vec::new();
    for firm in &world.firms {
        firms.push(furnish(run, firm).await?);
    }
    trade::replay(run, &firms, &world.orders).await?;
    for firm in &firms {
        invoices::make_out(run, firm).await?;
        firm.mark_complete(run).await?;
        auth::end_session(&run.deps.db, &firm.owner).await?;
    }
    Ok(())
}

/// The firm with its people, files and products.
async fn furnish<'w>(run: Run<'_>, data: &'w Firm) -> anyhow::Result<OpenFirm<'w>> {
    let mut firm = OpenFirm::open(run, data).await?;
    firm.describe(run).await?;
    people::hire(run, &firm).await?;
    let pictures = storage::fill(run, &firm).await?;
    firm.variants = shelf::fill(run, &firm, &pictures).await?;
    Ok(firm)
}

fn log_ins(firm: &Firm) -> impl Iterator<Item = DemoLogIn> {
    firm.people.iter().map(|person| DemoLogIn {
        firm: firm.name.clone(),
        name: person.name.clone(),
        role: person.role,
        email: person.email.clone(),
        password: PASSWORD,
    })
}

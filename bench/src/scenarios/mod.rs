//! What is measured: one file each.

mod create_product;
mod get_product;
mod list_products;
mod place_order;
mod sign_in;

use crate::{
    connection::Outgoing,
    settings::Settings,
    storage,
    world::{Turn, World},
};
use anyhow::ensure;

/// A request that people send all day.
pub(crate) trait Scenario: Sync {
    /// Its name in the report.
    fn name(&self) -> &'static str;

    /// The request of a turn.
    fn request(&self, world: &World, turn: Turn) -> anyhow::Result<Outgoing>;

    /// The status of success.
    fn status(&self) -> u16 {
        200
    }
}

/// All of them, in the order of the report.
const ALL: &[&dyn Scenario] = &[
    &sign_in::SignIn,
    &list_products::ListProducts,
    &get_product::GetProduct,
    &create_product::CreateProduct,
    &place_order::PlaceOrder,
];

/// Those that are to be measured.
pub(crate) fn chosen(settings: &Settings) -> anyhow::Result<Vec<&'static dyn Scenario>> {
    let all = || ALL.iter().copied();
    for name in &settings.only {
        ensure!(name == storage::NAME || all().any(|s| s.name() == name), "there is no scenario {name}");
    }
    Ok(all().filter(|s| settings.has(s.name())).collect())
}

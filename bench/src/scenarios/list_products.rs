use super::Scenario;
use crate::{
    connection::{self, Outgoing},
    world::{Turn, World},
};

/// A firm looks at its twenty newest products.
pub(crate) struct ListProducts;

impl Scenario for ListProducts {
    fn name(&self) -> &'static str {
        "list-products"
    }

    fn request(&self, world: &World, turn: Turn) -> anyhow::Result<Outgoing> {
        connection::get("/v1/products?limit=20", &world.firm(turn).token)
    }
}

use super::Scenario;
use crate::{
    connection::{self, Outgoing},
    world::{Turn, World},
};

/// A firm looks at one of its products.
pub(crate) struct GetProduct;

impl Scenario for GetProduct {
    fn name(&self) -> &'static str {
        "product-by-id"
    }

    fn request(&self, world: &World, turn: Turn) -> anyhow::Result<Outgoing> {
        let firm = world.firm(turn);
        connection::get(&format!("/v1/products/{}", World::pick(&firm.products, turn)), &firm.token)
    }
}

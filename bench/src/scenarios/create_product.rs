use super::Scenario;
use crate::{
    connection::{self, Outgoing},
    data,
    world::{Turn, World},
};

/// A firm writes a product with one variant and its first stock.
pub(crate) struct CreateProduct;

impl Scenario for CreateProduct {
    fn name(&self) -> &'static str {
        "create-product"
    }

    fn request(&self, world: &World, turn: Turn) -> anyhow::Result<Outgoing> {
        let sku = format!("NEW-{}", uuid::Uuid::now_v7());
        connection::post("/v1/products", &world.firm(turn).token, &data::product("新茶", &sku))
    }

    fn status(&self) -> u16 {
        201
    }
}

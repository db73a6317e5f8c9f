use super::Scenario;
use crate::{
    connection::{self, Outgoing},
    world::{Turn, World},
};
use serde_json::json;

/// A firm orders one variant of another firm.
pub(crate) struct PlaceOrder;

impl Scenario for PlaceOrder {
    fn name(&self) -> &'static str {
        "place-order"
    }

    fn request(&self, world: &World, turn: Turn) -> anyhow::Result<Outgoing> {
        let (buyer, seller) = (world.firm(turn), world.other(turn));
        let variant = World::pick(&seller.variants, turn);
        let body = json!({ "lines": [{ "variant_id": variant, "quantity": 2 }], "shipping_address": { "name": "李四",
            "phone": "13800000000", "country": "CN", "province": "广东省", "city": "深圳市", "district": "南山区",
            "line1": "科技园路 1 号", "postal_code": "518000" } });
        connection::post("/v1/purchases", &buyer.token, &body)
    }

    fn status(&self) -> u16 {
        201
    }
}

use super::Scenario;
use crate::{
    connection::{self, Outgoing},
    world::{PASSWORD, Turn, World},
};
use serde_json::json;

/// Somebody signs in. Each connection is a person of its own: attempts at one account are counted until they succeed.
pub(crate) struct SignIn;

impl Scenario for SignIn {
    fn name(&self) -> &'static str {
        "sign-in"
    }

    fn request(&self, world: &World, turn: Turn) -> anyhow::Result<Outgoing> {
        let firm = world.own(turn);
        connection::visit("/v1/auth/log-in", firm.at, &json!({ "email": firm.email, "password": PASSWORD }))
    }
}

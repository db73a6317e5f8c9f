//! The firms that act, and what they have.

use crate::connection::{self, Connection};
use anyhow::Context;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery staple 88";

/// A firm that sells and buys, as its owner.
#[derive(Debug, Clone)]
pub(crate) struct Firm {
    /// The owner's address.
    pub(crate) email: String,
    /// Where the owner is.
    pub(crate) at: IpAddr,
    /// The owner's access token.
    pub(crate) token: String,
    /// Ids of some of its products.
    pub(crate) products: Vec<String>,
    /// Ids of some of its variants.
    pub(crate) variants: Vec<String>,
}

/// All firms.
#[derive(Debug)]
pub(crate) struct World {
    /// The firms.
    pub(crate) firms: Vec<Firm>,
}

/// Which request it is: of which connection, and its number there. All that is picked follows from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// The connection.
    pub(crate) connection: usize,
    /// How many requests it has sent before.
    pub(crate) number: usize,
}

impl Turn {
    /// A number that looks random, another one for each `purpose`.
    fn chance(self, purpose: usize) -> usize {
        // SplitMix64's finish.
        let mut bits = self.number.wrapping_mul(8191) ^ (self.connection << 40) ^ (purpose << 56);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

impl World {
    /// The firm of this turn: any.
    pub(crate) fn firm(&self, turn: Turn) -> &Firm {
        &self.firms[turn.chance(1) % self.firms.len()]
    }

    /// Another firm than [`World::firm`].
    pub(crate) fn other(&self, turn: Turn) -> &Firm {
        let (mine, step) = (turn.chance(1), 1 + turn.chance(2) % (self.firms.len() - 1));
        &self.firms[(mine % self.firms.len() + step) % self.firms.len()]
    }

    /// The connection's own firm.
    pub(crate) fn own(&self, turn: Turn) -> &Firm {
        &self.firms[turn.connection % self.firms.len()]
    }

    /// One of these.
    pub(crate) fn pick(ids: &[String], turn: Turn) -> &str {
        &ids[turn.chance(3) % ids.len()]
    }

    /// Gives everybody a new token; one lives for a quarter of an hour.
    pub(crate) async fn sign_in(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        let mut connection = Connection::open(address).await?;
        for firm in &mut self.firms {
            let body = json!({ "email": firm.email, "password": PASSWORD });
            let tokens = connection.ask(connection::visit("/v1/auth/log-in", firm.at, &body)?).await?;
            tokens["access_token"].as_str().context("no token")?.clone_into(&mut firm.token);
        }
        Ok(())
    }
}

//! Who does something, from where: travels with every transaction and into every audit row.

use crate::{
    ids::{RequestId, SessionId},
    text_enum,
};
use std::net::IpAddr;

text_enum! {
    /// The kind of an actor.
    pub enum ActorKind {
        /// A signed-in person.
        Person = "person",
        /// A program with an API key.
        ApiKey = "api_key",
        /// An administrator of the platform.
        Administrator = "administrator",
        /// A background job.
        Job = "job",
        /// The platform itself: sign-up before a person exists, seeds, commands.
        System = "system",
        /// Nobody known: a visitor of public pages.
        Visitor = "visitor",
        /// A payment provider calling in.
        Provider = "provider",
    }
}

/// Who acts. Holds no name or address of mail: only ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of actor this is.
    pub kind: ActorKind,
    /// Its id as text: a user, key, administrator or job id, or a fixed word.
    pub id: String,
    /// The signed-in session, if there is one.
    pub session: Option<SessionId>,
    /// The HTTP request or job run on whose behalf it acts.
    pub request: Option<RequestId>,
    /// The peer's address; enters the audit log only as a salted digest.
    pub ip: Option<IpAddr>,
}

impl Actor {
    /// An actor of which only kind and id are known.
    pub fn new(kind: ActorKind, id: impl std::fmt::Display) -> Self {
        Self { kind, id: id.to_string(), session: None, request: None, ip: None }
    }

    /// The platform itself, for the reason named by `what`.
    pub fn system(what: &'static str) -> Self {
        Self::new(ActorKind::System, what)
    }
}

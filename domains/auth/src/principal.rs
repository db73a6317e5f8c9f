use db::TenantScope;
use kernel::{
    Actor, ActorKind,
    ids::{RequestId, SessionId, TenantId, UserId},
    permission::Role,
};
use std::net::IpAddr;
use tenants::TenantStatus;

/// Where a request came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestMeta {
    /// The request's id.
    pub request_id: Option<RequestId>,
    /// The peer's address.
    pub ip: Option<IpAddr>,
}

impl RequestMeta {
    /// A visitor's actor: nobody is known yet.
    pub fn visitor(&self) -> Actor {
        Actor { request: self.request_id, ip: self.ip, ..Actor::new(ActorKind::Visitor, "visitor") }
    }

    /// A known person's actor.
    pub fn person(&self, user: UserId) -> Actor {
        Actor { request: self.request_id, ip: self.ip, ..Actor::new(ActorKind::Person, user) }
    }
}

/// A signed-in person in a firm, as of this request.
#[derive(Debug, Clone, Copy)]
pub struct Principal {
    /// The person.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The firm.
    pub tenant_id: TenantId,
    /// What the person may do there.
    pub role: Role,
    /// Whether the person's address is verified: only then may they publish or take payment.
    pub email_verified: bool,
    /// What the firm may do.
    pub tenant_status: TenantStatus,
    /// Where the request came from.
    pub request: RequestMeta,
}

impl Principal {
    /// The actor of the transactions that this request runs.
    pub fn actor(&self) -> Actor {
        Actor { session: Some(self.session_id), ..self.request.person(self.user_id) }
    }

    /// The right to act in the firm that the session is in.
    pub fn scope(&self) -> TenantScope {
        TenantScope::grant(self.tenant_id, self.actor())
    }
}

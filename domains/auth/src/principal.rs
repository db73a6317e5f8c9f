use chrono::{DateTime, Duration, Utc};
use db::TenantScope;
use kernel::{
    Actor, ActorKind,
    ids::{ApiKeyId, RequestId, SessionId, TenantId, UserId},
    permission::Permissions,
};
use std::net::IpAddr;
use tenants::{Grantor, MemberRole, TenantStatus};

/// How long after somebody has shown who they are they may do what is worth stealing a session for.
const FRESH: Duration = Duration::minutes(5);

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

    /// A known program's actor.
    pub fn program(&self, key: ApiKeyId) -> Actor {
        Actor { request: self.request_id, ip: self.ip, ..Actor::new(ActorKind::ApiKey, key) }
    }
}

/// A signed-in person.
#[derive(Debug, Clone, Copy)]
pub struct SignedInPerson {
    /// The person.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// Their role in the firm.
    pub role: MemberRole,
    /// When they last showed a password or a second factor in this session.
    pub stepped_up_at: DateTime<Utc>,
}

impl SignedInPerson {
    /// Whether they showed lately who they are: a session alone is not enough for money, keys and members.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.stepped_up_at <= FRESH
    }
}

/// Who acts in a firm.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// A person with an access token.
    Person(SignedInPerson),
    /// A program with an API key.
    Program(ApiKeyId),
}

/// What a caller is known by.
pub trait Identity {
    /// Its actor, in a request.
    fn actor(&self, request: &RequestMeta) -> Actor;
    /// The credential under which idempotency keys are kept apart and rates are counted.
    fn credential(&self) -> String;
}

impl Identity for SignedInPerson {
    fn actor(&self, request: &RequestMeta) -> Actor {
        Actor { session: Some(self.session_id), ..request.person(self.user_id) }
    }

    fn credential(&self) -> String {
        self.user_id.to_string()
    }
}

impl Identity for Who {
    fn actor(&self, request: &RequestMeta) -> Actor {
        match self {
            Self::Person(person) => person.actor(request),
            Self::Program(key) => request.program(*key),
        }
    }

    fn credential(&self) -> String {
        match self {
            Self::Person(person) => person.credential(),
            Self::Program(key) => key.to_string(),
        }
    }
}

/// A caller who acts in a firm, as of this request: anybody, or (`Principal<SignedInPerson>`) a person.
#[derive(Debug, Clone, Copy)]
pub struct Principal<W = Who> {
    /// Who it is.
    pub who: W,
    /// The firm.
    pub tenant_id: TenantId,
    /// What they may do there.
    pub permissions: Permissions,
    /// Whether the person's address is verified: only then may they publish or take payment. A program's key was made by
    /// somebody whose address is.
    pub email_verified: bool,
    /// What the firm may do.
    pub tenant_status: TenantStatus,
    /// Where the request came from.
    pub request: RequestMeta,
}

impl<W: Identity> Principal<W> {
    /// The actor of the transactions that this request runs.
    pub fn actor(&self) -> Actor {
        self.who.actor(&self.request)
    }

    /// The right to act in the caller's firm.
    pub fn scope(&self) -> TenantScope {
        TenantScope::grant(self.tenant_id, self.actor())
    }
}

impl Principal {
    /// The same, if it is a person.
    pub const fn person(self) -> Option<Principal<SignedInPerson>> {
        let Self { who: Who::Person(who), tenant_id, permissions, email_verified, tenant_status, request } = self
        else {
            return None;
        };
        Some(Principal { who, tenant_id, permissions, email_verified, tenant_status, request })
    }
}

impl Principal<SignedInPerson> {
    /// What they may hand out to colleagues.
    pub fn grantor(&self) -> Grantor {
        Grantor { is_owner: self.who.role == MemberRole::OWNER, permissions: self.permissions }
    }
}

impl From<Principal<SignedInPerson>> for Principal {
    fn from(principal: Principal<SignedInPerson>) -> Self {
        let Principal { who, tenant_id, permissions, email_verified, tenant_status, request } = principal;
        Self { who: Who::Person(who), tenant_id, permissions, email_verified, tenant_status, request }
    }
}

//! Who calls, and whether they may.

use super::gate;
use crate::{
    app::App,
    edge::{RequestContext, limits},
    problem::{Problem, edge},
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE},
    web::Data,
};
use auth::{AuthenticateError, Identity, Principal, SignedInPerson, Who};
use db::TenantScope;
use futures_util::future::LocalBoxFuture;
use kernel::permission::{Permission, RequiredPermission};
use std::marker::PhantomData;

/// Somebody for whom tenant transactions may run.
pub trait Caller {
    /// The right to act in the caller's tenant.
    fn scope(&self) -> TenantScope;
    /// The credential under which idempotency keys are kept apart.
    fn credential(&self) -> String;
}

macro_rules! caller {
    ($($name:ident$(<$parameter:ident>)? of $who:ty),+ $(,)?) => {
        $(
            impl$(<$parameter: RequiredPermission>)? $name$(<$parameter>)? {
                /// Who it is.
                pub const fn principal(&self) -> &Principal<$who> {
                    &self.principal
                }

                /// The right to act in the caller's tenant.
                pub fn scope(&self) -> TenantScope {
                    self.principal.scope()
                }
            }

            impl$(<$parameter: RequiredPermission>)? Caller for $name$(<$parameter>)? {
                fn scope(&self) -> TenantScope {
                    Self::scope(self)
                }

                fn credential(&self) -> String {
                    self.principal.who.credential()
                }
            }

            impl$(<$parameter: RequiredPermission>)? FromRequest for $name$(<$parameter>)? {
                type Error = Problem;
                type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

                fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                    let (request, closed) = (request.clone(), gate::close(request));
                    Box::pin(async move {
                        let _closed = closed;
                        Self::admit(counted(&request).await?, &request)
                    })
                }
            }
        )+
    };
}

/// A member whose role, or a program whose key, has the permission `P`.
#[derive(Debug)]
pub struct Allowed<P> {
    principal: Principal,
    permission: PhantomData<P>,
}

/// The same, and the person's e-mail address is verified.
#[derive(Debug)]
pub struct Verified<P> {
    principal: Principal,
    permission: PhantomData<P>,
}

/// Any signed-in person, whatever their role.
#[derive(Debug)]
pub struct SignedIn {
    principal: Principal<SignedInPerson>,
}

/// A signed-in member whose role has the permission `P`; no program.
#[derive(Debug)]
pub struct Person<P> {
    principal: Principal<SignedInPerson>,
    permission: PhantomData<P>,
}

/// A signed-in member whose role has the permission `P`, for what takes rights away and gives none: a firm that is held may still
/// do it, since whoever stole a key does not wait.
#[derive(Debug)]
pub struct Protector<P> {
    principal: Principal<SignedInPerson>,
    permission: PhantomData<P>,
}

/// Any signed-in person who showed lately who they are.
#[derive(Debug)]
pub struct SteppedUp {
    principal: Principal<SignedInPerson>,
}

/// A signed-in member whose role has the permission `P` and who showed lately who they are.
#[derive(Debug)]
pub struct SteppedUpFor<P> {
    principal: Principal<SignedInPerson>,
    permission: PhantomData<P>,
}

/// The same, and their e-mail address is verified.
#[derive(Debug)]
pub struct VerifiedAndSteppedUpFor<P> {
    principal: Principal<SignedInPerson>,
    permission: PhantomData<P>,
}

caller!(
    Allowed<P> of Who,
    Verified<P> of Who,
    SignedIn of SignedInPerson,
    Person<P> of SignedInPerson,
    Protector<P> of SignedInPerson,
    SteppedUp of SignedInPerson,
    SteppedUpFor<P> of SignedInPerson,
    VerifiedAndSteppedUpFor<P> of SignedInPerson,
);

impl<P: RequiredPermission> Allowed<P> {
    fn admit(principal: Principal, _: &HttpRequest) -> Result<Self, Problem> {
        demand(&principal, P::PERMISSION)?;
        Ok(Self { principal, permission: PhantomData })
    }
}

impl<P: RequiredPermission> Verified<P> {
    fn admit(principal: Principal, _: &HttpRequest) -> Result<Self, Problem> {
        demand(&principal, P::PERMISSION)?;
        demand_verified(&principal)?;
        Ok(Self { principal, permission: PhantomData })
    }
}

impl SignedIn {
    fn admit(principal: Principal, _: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self { principal: person(principal)? })
    }
}

impl<P: RequiredPermission> Person<P> {
    fn admit(principal: Principal, _: &HttpRequest) -> Result<Self, Problem> {
        let principal = person(principal)?;
        demand(&principal, P::PERMISSION)?;
        Ok(Self { principal, permission: PhantomData })
    }
}

impl<P: RequiredPermission> Protector<P> {
    fn admit(principal: Principal, _: &HttpRequest) -> Result<Self, Problem> {
        let principal = person(principal)?;
        demand_held(&principal, P::PERMISSION)?;
        Ok(Self { principal, permission: PhantomData })
    }
}

impl SteppedUp {
    fn admit(principal: Principal, request: &HttpRequest) -> Result<Self, Problem> {
        let principal = person(principal)?;
        demand_fresh(&principal, request)?;
        Ok(Self { principal })
    }
}

impl<P: RequiredPermission> SteppedUpFor<P> {
    fn admit(principal: Principal, request: &HttpRequest) -> Result<Self, Problem> {
        let principal = person(principal)?;
        demand(&principal, P::PERMISSION)?;
        demand_fresh(&principal, request)?;
        Ok(Self { principal, permission: PhantomData })
    }
}

impl<P: RequiredPermission> VerifiedAndSteppedUpFor<P> {
    fn admit(principal: Principal, request: &HttpRequest) -> Result<Self, Problem> {
        let principal = person(principal)?;
        demand(&principal, P::PERMISSION)?;
        demand_verified(&principal)?;
        demand_fresh(&principal, request)?;
        Ok(Self { principal, permission: PhantomData })
    }
}

/// The caller, if it is a person.
fn person(principal: Principal) -> Result<Principal<SignedInPerson>, Problem> {
    principal.person().ok_or_else(|| edge::PEOPLE_ONLY.into())
}

/// The role or key must have the permission, and the firm must be allowed to look or to act at present.
pub(crate) fn demand<W>(principal: &Principal<W>, permission: Permission) -> Result<(), Problem> {
    let reads = permission.as_str().ends_with(":read");
    let status = principal.tenant_status;
    if !status.may_read() {
        return Err(edge::TENANT_SUSPENDED.into());
    }
    if !reads && !status.may_write() {
        return Err(edge::TENANT_READ_ONLY.into());
    }
    demand_held(principal, permission)
}

/// The role or key must have the permission, whatever the firm may do at present.
pub(crate) fn demand_held<W>(principal: &Principal<W>, permission: Permission) -> Result<(), Problem> {
    if principal.permissions.allows(permission) {
        Ok(())
    } else {
        Err(edge::PERMISSION_DENIED.with("permission", permission))
    }
}

/// Only then may they do what others will rely on.
fn demand_verified<W>(principal: &Principal<W>) -> Result<(), Problem> {
    if principal.email_verified { Ok(()) } else { Err(edge::EMAIL_NOT_VERIFIED.into()) }
}

/// A session alone is not enough: a password or a code must have been shown lately.
fn demand_fresh(principal: &Principal<SignedInPerson>, request: &HttpRequest) -> Result<(), Problem> {
    let now = app(request)?.db.clock().now();
    if principal.who.is_fresh(now) { Ok(()) } else { Err(edge::STEP_UP_REQUIRED.into()) }
}

fn app(request: &HttpRequest) -> Result<&Data<App>, Problem> {
    request.app_data::<Data<App>>().ok_or_else(|| Problem::new(edge::INTERNAL))
}

/// Whoever is behind the request's token, if they have not sent too many requests.
async fn counted(request: &HttpRequest) -> Result<Principal, Problem> {
    let principal = identify(request).await?;
    limits::admit(request, principal.scope(), &principal.who.credential()).await?;
    Ok(principal)
}

/// Whoever is behind the request's token.
async fn identify(request: &HttpRequest) -> Result<Principal, Problem> {
    let token = bearer(request).ok_or_else(unauthenticated)?;
    let (app, context) = (app(request)?, RequestContext::of(request));
    let principal = app.authenticator.identify(&app.db, token, context.meta()).await?;
    context.tenant.set(Some(principal.tenant_id));
    context.caller.replace(Some(principal.scope()));
    Ok(principal)
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::NotSignedIn => unauthenticated(),
            AuthenticateError::AddressNotAllowed => edge::IP_NOT_ALLOWED.into(),
            AuthenticateError::Db(error) => error.into(),
        }
    }
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

pub(super) fn unauthenticated() -> Problem {
    Problem::new(edge::UNAUTHENTICATED).header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

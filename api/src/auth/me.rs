//! `GET /v1/me`

use super::view::{MeView, MembershipView};
use crate::{
    answer,
    app::App,
    extract::SignedIn,
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use auth::{find_person, list_firms};
use db::DbError;

/// Shows the signed-in person, the firm they work in, and all their firms.
#[utoipa::path(operation_id = "get_me", tag = "auth", security(("person" = [])),
    responses((status = 200, body = MeView)))]
#[get("/v1/me")]
pub(super) async fn get_me(app: Data<App>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let principal = caller.principal();
    let (user, tenant, role) = (principal.who.user_id, principal.tenant_id, principal.who.role);
    let (person, firms) = app
        .db
        .auth("auth.me", principal.actor(), move |tx| Ok::<_, DbError>((find_person(tx, user)?, list_firms(tx, user)?)))
        .await?;
    let gone = || Problem::new(edge::UNAUTHENTICATED);
    let present = firms.iter().find(|(firm, _)| firm.id == tenant).map(|(firm, _)| firm.into()).ok_or_else(gone)?;
    let person = person.ok_or_else(gone)?;
    let view = MeView {
        totp_enabled: person.totp_confirmed_at.is_some(),
        user: person.into(),
        tenant: present,
        role,
        permissions: principal.permissions.iter().collect(),
        memberships: firms.iter().map(|(firm, role)| MembershipView { tenant: firm.into(), role: *role }).collect(),
    };
    Ok(answer::versioned(StatusCode::OK, &view))
}
